"""OpenTelemetry in and out: one mapping table, a decoder for `/v1/traces`, an exporter that reads the journal."""
