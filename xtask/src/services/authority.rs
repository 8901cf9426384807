//! A certificate authority for tests, and the certificates that it gives to a server on this machine and to a client.

use super::account::Account;
use super::command::run;
use anyhow::Result;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What the certificate of a server says: whose it is, and that it is not an authority.
const SERVER: &str = "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n\
    extendedKeyUsage=serverAuth\nsubjectAltName=DNS:localhost,IP:127.0.0.1\n";
/// The same of the certificate of a client.
const CLIENT: &str = "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n\
    extendedKeyUsage=clientAuth\n";
const NEW_KEY: &[&str] = &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
/// No test takes this long.
const DAYS: &str = "90";

/// The files of an authority and of the certificates that it gave.
#[derive(Debug)]
pub(super) struct Authority {
    folder: PathBuf,
}

/// The files by which a server or a client shows who it is.
#[derive(Debug)]
pub struct Certificate {
    /// The certificate, PEM.
    pub chain: PathBuf,
    /// Its private key, PEM.
    pub key: PathBuf,
}

impl Authority {
    /// Makes one in `folder`.
    pub(super) fn create(folder: &Path) -> Result<Self> {
        let authority = ["req", "-x509", "-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=governance tests"];
        let rights = ["-addext", "keyUsage=critical,keyCertSign,cRLSign"];
        run(openssl(folder).args(authority).args(rights).args(NEW_KEY).args(["-days", DAYS]))?;
        let authority = Self::at(folder);
        authority.issue("server", "/CN=localhost", SERVER)?;
        Ok(authority)
    }

    /// Gives a certificate, in files of this name.
    fn issue(&self, name: &str, subject: &str, says: &str) -> Result<Certificate> {
        let file = |kind: &str| format!("{name}.{kind}");
        let (key, request, extensions, chain) = (file("key"), file("csr"), file("ext"), file("crt"));
        let wish = ["req", "-keyout", &key, "-out", &request, "-subj", subject];
        run(openssl(&self.folder).args(wish).args(NEW_KEY))?;
        fs::write(self.folder.join(&extensions), says)?;
        let sign = ["x509", "-req", "-in", &request, "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial"];
        run(openssl(&self.folder).args(sign).args(["-extfile", &extensions, "-out", &chain, "-days", DAYS]))?;
        Ok(Certificate { chain: self.folder.join(chain), key: self.folder.join(key) })
    }

    /// Gives a certificate to a client.
    pub(super) fn client(&self) -> Result<Certificate> {
        self.issue("client", "/CN=governance", CLIENT)
    }

    /// The one that was made in `folder`.
    pub(super) fn at(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// The certificate of the authority, by which a client knows the server.
    pub(super) fn file(&self) -> PathBuf {
        self.folder.join("ca.crt")
    }

    /// Puts the server's certificate and its key into `folder`, for this account alone.
    pub(super) fn equip(&self, folder: &Path, account: Account) -> Result<Certificate> {
        let certificate = Certificate { chain: folder.join("server.crt"), key: folder.join("server.key") };
        for file in [&certificate.chain, &certificate.key] {
            fs::copy(self.folder.join(file.file_name().unwrap_or_default()), file)?;
            fs::set_permissions(file, Permissions::from_mode(0o600))?;
            account.give(file)?;
        }
        Ok(certificate)
    }
}

fn openssl(folder: &Path) -> Command {
    let mut command = Command::new("openssl");
    command.current_dir(folder);
    command
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::programs::find;

    #[test]
    fn given_a_new_authority_then_its_certificates_can_be_verified_by_it() {
        if find("openssl").is_none() {
            assert!(!super::super::required(), "the openssl command is not installed");
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let authority = Authority::create(folder.path()).unwrap();
        let server = tempfile::tempdir().unwrap();
        let certificate = authority.equip(server.path(), Account::Own).unwrap();
        let mut verify = Command::new("openssl");
        let verify = verify.args(["verify", "-purpose", "sslserver", "-verify_ip", "127.0.0.1", "-CAfile"]);
        run(verify.arg(authority.file()).arg(&certificate.chain)).unwrap();
        let mut verify = Command::new("openssl");
        let verify = verify.args(["verify", "-purpose", "sslclient", "-CAfile"]);
        run(verify.arg(authority.file()).arg(authority.client().unwrap().chain)).unwrap();
        assert_eq!(fs::metadata(&certificate.key).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
