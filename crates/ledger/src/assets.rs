//! The assets the book counts (`books/assets.toml`).

use crate::books::BooksError;
use money::{Asset, AssetId};

/// All assets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assets {
    list: Vec<Asset>,
}

impl Assets {
    /// Reads and checks `books/assets.toml`.
    pub fn parse(toml: &str, file: &str) -> Result<Self, BooksError> {
        let _ = (toml, file);
        unimplemented!()
    }

    /// All assets, in the order of the file.
    pub fn list(&self) -> &[Asset] {
        &self.list
    }

    /// The asset of this number.
    pub fn get(&self, id: AssetId) -> Option<&Asset> {
        self.list.iter().find(|a| a.id == id)
    }

    /// The asset of this code.
    pub fn by_code(&self, code: &str) -> Option<&Asset> {
        self.list.iter().find(|a| a.code == code)
    }
}
