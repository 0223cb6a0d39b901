"""The transparency log, witnesses, evidence bundles and their verifier."""
