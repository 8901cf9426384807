//! A certificate authority for tests, and the certificate that it gives to a server on this machine.

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
const NEW_KEY: &[&str] = &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
/// No test takes this long.
const DAYS: &str = "90";

/// The files of an authority and of the one certificate that it gave.
#[derive(Debug)]
pub(super) struct Authority {
    folder: PathBuf,
}

/// The files that a server needs to be asked who it is.
#[derive(Debug)]
pub(super) struct Certificate {
    pub(super) chain: PathBuf,
    pub(super) key: PathBuf,
}

impl Authority {
    /// Makes one in `folder`.
    pub(super) fn create(folder: &Path) -> Result<Self> {
        let openssl = || {
            let mut command = Command::new("openssl");
            command.current_dir(folder);
            command
        };
        let authority = ["req", "-x509", "-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=governance tests"];
        let rights = ["-addext", "keyUsage=critical,keyCertSign,cRLSign"];
        run(openssl().args(authority).args(rights).args(NEW_KEY).args(["-days", DAYS]))?;
        let request = ["req", "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost"];
        run(openssl().args(request).args(NEW_KEY))?;
        fs::write(folder.join("server.ext"), SERVER)?;
        let sign = ["x509", "-req", "-in", "server.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial"];
        run(openssl().args(sign).args(["-extfile", "server.ext", "-out", "server.crt", "-days", DAYS]))?;
        Ok(Self::at(folder))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::programs::find;

    #[test]
    fn given_a_new_authority_then_the_server_certificate_can_be_verified_by_it() {
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
        assert_eq!(fs::metadata(&certificate.key).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
