"""A certificate for benchmarks over TLS."""

import subprocess


def make_certificate(folder):
    """Writes a self-signed one for localhost; answers its file and that of its key."""
    certificate, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key,
                    "-out", certificate], check=True, stderr=subprocess.DEVNULL)
    return certificate, key
