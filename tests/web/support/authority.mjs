// Certificates for tests, by openssl.
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

// A folder with an authority that issues certificates.
export class Authority {
  static async make(t) {
    const made = new Authority();
    made.folder = await mkdtemp(path.join(tmpdir(), 'wscast-tls-'));
    t.after(() => rm(made.folder, { recursive: true }));
    made.#openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
      '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=test authority');
    made.ca = await readFile(made.file('ca.pem'));
    return made;
  }

  // Writes NAME.pem and NAME.key for the host; the certificate is the same file or a new one.
  issue(name, host = 'localhost') {
    this.#openssl('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', `${name}.key`,
      '-out', `${name}.csr`, '-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${host},IP:127.0.0.1`);
    this.#openssl('x509', '-req', '-in', `${name}.csr`, '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial',
      '-days', '2', '-copy_extensions', 'copy', '-out', `${name}.pem`);
  }

  file(name) {
    return path.join(this.folder, name);
  }

  #openssl(...args) {
    execFileSync('openssl', args, { cwd: this.folder, stdio: 'pipe' });
  }
}
