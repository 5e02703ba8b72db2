"""The application: settings become objects, objects become processes. `build` is the only place that wires."""
