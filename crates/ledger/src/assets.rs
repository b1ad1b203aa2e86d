//! The assets the book counts (`books/assets.toml`).

use crate::books::{BooksError, Source};
use money::{Asset, AssetId};
use serde::Deserialize;
use toml::Spanned;

/// Minor units of more than nine decimals leave too little room in 63 bits.
const MAX_SCALE: u8 = 9;

/// All assets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assets {
    list: Vec<Asset>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    asset: Vec<Spanned<Asset>>,
}

impl Assets {
    /// Reads and checks `books/assets.toml`: numbers and codes are unique, names are there,
    /// scales are at most nine.
    pub fn parse(toml: &str, file: &str) -> Result<Self, BooksError> {
        let source = Source { file, text: toml };
        let read: File = source.read()?;
        let mut list: Vec<Asset> = Vec::with_capacity(read.asset.len());
        for spanned in read.asset {
            let at = Some(spanned.span().start);
            let asset = spanned.into_inner();
            let (id, code) = (asset.id.0, &asset.code);
            if list.iter().any(|a| a.id == asset.id) {
                let en = format!("asset number {id} is given twice");
                return Err(source.fault(at, "asset_duplicate", en, format!("资产编号 {id} 重复")));
            }
            if list.iter().any(|a| a.code == *code) {
                let en = format!("asset code '{code}' is given twice");
                let zh = format!("资产代码“{code}”重复");
                return Err(source.fault(at, "asset_duplicate", en, zh));
            }
            if code.is_empty() || asset.en.is_empty() || asset.zh.is_empty() {
                let en = format!("asset {id} needs a code and both names");
                let zh = format!("资产 {id} 缺少代码或中英文名称");
                return Err(source.fault(at, "asset_unnamed", en, zh));
            }
            if asset.scale > MAX_SCALE {
                let en = format!("asset '{code}' has more than {MAX_SCALE} decimals");
                let zh = format!("资产“{code}”的小数位超过 {MAX_SCALE} 位");
                return Err(source.fault(at, "asset_scale", en, zh));
            }
            list.push(asset);
        }
        Ok(Self { list })
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

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(body: &str) -> (&'static str, Option<usize>) {
        let error = Assets::parse(body, "assets.toml").expect_err(body);
        (error.code, error.line)
    }

    #[test]
    fn the_shipped_file_is_good() {
        let text = include_str!("../../../books/assets.toml");
        let assets = Assets::parse(text, "assets.toml").expect("valid");
        assert_eq!(assets.by_code("CNY").map(|a| a.id), Some(money::CNY));
        assert_eq!(assets.get(money::CNY).map(|a| a.scale), Some(2));
    }

    #[test]
    fn faults_name_their_line() {
        let one = "[[asset]]\nid = 1\ncode = \"A\"\nscale = 2\nen = \"a\"\nzh = \"甲\"\n";
        let same_code = one.replace("id = 1", "id = 2");
        assert_eq!(fault(&format!("{one}{one}")), ("asset_duplicate", Some(7)));
        assert_eq!(fault(&format!("{one}{same_code}")), ("asset_duplicate", Some(7)));
        assert_eq!(fault(&one.replace("scale = 2", "scale = 10")), ("asset_scale", Some(1)));
        assert_eq!(fault(&one.replace("\"甲\"", "\"\"")), ("asset_unnamed", Some(1)));
        assert_eq!(fault(&format!("{one}colour = 1\n")), ("books_malformed", Some(7)));
    }
}
