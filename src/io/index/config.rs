//! `config.json` of an index: where the archives are (The Cargo Book, "Registry Index", "Index Configuration").

use serde::Deserialize;

use super::{IndexError, prefix};

/// The fields that are used. `api` is the address of a web API.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Config {
    dl: String,
    api: Option<String>,
    #[serde(default)]
    auth_required: bool,
}

impl Config {
    pub(super) fn parse(body: &[u8]) -> Result<Self, IndexError> {
        let unreadable = |error: serde_json::Error| IndexError::Config(error.to_string());
        let config: Self = serde_json::from_slice(body).map_err(unreadable)?;
        if config.auth_required { Err(IndexError::Credentials) } else { Ok(config) }
    }

    /// The address of the web API, without a slash at its end.
    pub(super) fn api(&self) -> Option<String> {
        let api = self.api.as_deref()?.trim_end_matches('/');
        (!api.is_empty()).then(|| api.to_owned())
    }

    /// The URL of an archive. Name and version are plain ASCII. Without a marker, the path of crates.io is added.
    pub(super) fn archive(&self, name: &str, version: &str, sha256: &str) -> String {
        let lower = name.to_ascii_lowercase();
        let values = [
            ("{crate}", name.to_owned()),
            ("{version}", version.to_owned()),
            ("{prefix}", prefix(name)),
            ("{lowerprefix}", prefix(&lower)),
            ("{sha256-checksum}", sha256.to_owned()),
        ];
        if !values.iter().any(|(marker, _)| self.dl.contains(marker)) {
            return format!("{}/{name}/{version}/download", self.dl.trim_end_matches('/'));
        }
        values.iter().fold(self.dl.clone(), |url, (marker, value)| url.replace(marker, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(dl: &str) -> String {
        Config::parse(format!(r#"{{"dl":"{dl}","api":null}}"#).as_bytes()).unwrap().archive("AbCde", "1.0.0+x", "5a")
    }

    #[test]
    fn markers_are_filled_in_and_without_one_the_path_is_added() {
        assert_eq!(url("https://h/v1/crates"), "https://h/v1/crates/AbCde/1.0.0+x/download");
        assert_eq!(url("https://h/v1/crates/"), "https://h/v1/crates/AbCde/1.0.0+x/download");
        assert_eq!(url("https://h/{crate}/{crate}-{version}.crate"), "https://h/AbCde/AbCde-1.0.0+x.crate");
        assert_eq!(url("https://h/{prefix}/{lowerprefix}/{sha256-checksum}"), "https://h/Ab/Cd/ab/cd/5a");
    }

    #[test]
    fn an_index_that_wants_credentials_is_reported() {
        assert!(
            Config::parse(br#"{"dl":"https://h","auth-required":true}"#)
                .unwrap_err()
                .to_string()
                .contains("credentials")
        );
        assert!(Config::parse(br#"{"api":"https://h"}"#).unwrap_err().to_string().contains("missing field `dl`"));
        assert!(Config::parse(b"<html>").unwrap_err().to_string().contains("config.json"));
    }

    #[test]
    fn folders_follow_the_length_of_the_name() {
        for (name, folder) in [("a", "1"), ("ab", "2"), ("abc", "3/a"), ("abcd", "ab/cd"), ("abcde", "ab/cd")] {
            assert_eq!(prefix(name), folder);
        }
    }
}
