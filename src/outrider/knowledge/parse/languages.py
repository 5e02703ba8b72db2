"""Endings of files that hold code or configuration, with the language's name."""

_NAMES = """
py pyi pyx Python; js mjs cjs jsx JavaScript; ts tsx mts TypeScript; java Java; kt kts Kotlin; scala Scala; go Go;
rs Rust; c h C; cc cpp cxx hpp hh C++; cs C#; swift Swift; m mm Objective-C; rb Ruby; php PHP; pl pm Perl; lua Lua;
r R; jl Julia; dart Dart; ex exs Elixir; erl Erlang; hs Haskell; clj cljs Clojure; ml mli OCaml; fs F#;
sh bash zsh Shell;
ps1 PowerShell; sql SQL; proto Protobuf; graphql GraphQL; tf hcl Terraform; yaml yml YAML; toml TOML; ini cfg conf INI;
css scss less CSS; vue Vue; svelte Svelte; dockerfile Docker; makefile mk Make; cmake CMake; gradle groovy Groovy;
zig Zig; nim Nim; v sv Verilog; vhd VHDL; sol Solidity; f90 f Fortran; asm s Assembly; bat cmd Batch; j2 jinja Jinja;
"""

CODE: dict[str, str] = {
    ending: words[-1] for row in _NAMES.replace("\n", " ").split(";") if (words := row.split()) for ending in words[:-1]
}
