"""Read a manifest as Argo would: templates, values, expressions, retries."""
