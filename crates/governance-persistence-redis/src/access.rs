//! What else it takes to be let in: the files of TLS, and who asks the Sentinels.

use crate::RedisOptions;
use governance_persistence::{Error, Result};
use std::path::{Path, PathBuf};

/// The options that only some URLs have a use for.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Access {
    pub(crate) ca: Option<PathBuf>,
    pub(crate) certificate: Option<PathBuf>,
    pub(crate) key: Option<PathBuf>,
    pub(crate) sentinel_user: Option<String>,
    pub(crate) sentinel_password: Option<String>,
}

impl Access {
    /// Refuses what does not go with the URL, and what is given by half.
    pub(crate) fn check(&self, is_tls: bool, is_sentinel: bool) -> Result<()> {
        let files = [("tlsCa", &self.ca), ("tlsCertificate", &self.certificate), ("tlsKey", &self.key)];
        let given = files.into_iter().find(|(_, file)| file.is_some());
        if let Some((name, _)) = given.filter(|_| !is_tls) {
            return Err(Error::invalid(
                name,
                "is given, but the URL is one without TLS",
                "a URL such as rediss://host",
            ));
        }
        if self.certificate.is_some() != self.key.is_some() {
            let (missing, other) =
                if self.key.is_none() { ("tlsKey", "tlsCertificate") } else { ("tlsCertificate", "tlsKey") };
            return Err(Error::invalid(missing, format!("is missing beside {other}"), "both or neither"));
        }
        let credentials = [("sentinelUser", &self.sentinel_user), ("sentinelPassword", &self.sentinel_password)];
        let given = credentials.into_iter().find(|(_, text)| text.is_some());
        if let Some((name, _)) = given.filter(|_| !is_sentinel) {
            let expected = "a URL such as redis-sentinel://host:26379?service=name";
            return Err(Error::invalid(name, "is given, but the URL asks no Sentinel", expected));
        }
        if self.sentinel_user.is_some() && self.sentinel_password.is_none() {
            return Err(Error::invalid("sentinelPassword", "is missing beside sentinelUser", "both or the password"));
        }
        Ok(())
    }
}

impl RedisOptions {
    /// Whether the options go with each other and with the URL. Connecting checks the same.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for an option that the URL has no use for, and for what is given by half.
    pub fn check(&self) -> Result<()> {
        self.access().check(self.target().tls, self.target().is_sentinel())
    }

    /// The file with the authorities' certificates.
    pub fn get_tls_ca(&self) -> Option<&Path> {
        self.access().ca.as_deref()
    }

    /// The file with the client's certificate.
    pub fn get_tls_certificate(&self) -> Option<&Path> {
        self.access().certificate.as_deref()
    }

    /// The file with the client's private key.
    pub fn get_tls_key(&self) -> Option<&Path> {
        self.access().key.as_deref()
    }

    /// The user as whom the Sentinels are asked.
    pub fn get_sentinel_user(&self) -> Option<&str> {
        self.access().sentinel_user.as_deref()
    }

    /// The password for the Sentinels, which is a secret.
    pub fn get_sentinel_password(&self) -> Option<&str> {
        self.access().sentinel_password.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_use_or_is_given_by_half_is_refused_by_its_name() {
        let file = || Some(PathBuf::from("x.pem"));
        let text = || Some("x".to_owned());
        let refused = |access: Access, is_tls: bool, is_sentinel: bool| {
            access.check(is_tls, is_sentinel).map_err(|error| error.to_string()).unwrap_err()
        };
        let ca = Access { ca: file(), ..Access::default() };
        assert!(ca.check(true, false).is_ok() && refused(ca, false, false).contains("tlsCa"));
        let certificate = Access { certificate: file(), ..Access::default() };
        assert!(refused(certificate, true, false).contains("tlsKey"));
        let key = Access { key: file(), ..Access::default() };
        assert!(refused(key, true, false).contains("tlsCertificate"));
        let password = Access { sentinel_password: text(), ..Access::default() };
        assert!(password.check(false, true).is_ok() && refused(password, false, false).contains("sentinelPassword"));
        let user = Access { sentinel_user: text(), ..Access::default() };
        assert!(refused(user, false, true).contains("sentinelPassword"));
        assert!(Access::default().check(false, false).is_ok());
    }
}
