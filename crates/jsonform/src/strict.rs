//! Objects are objects, at every depth.
//!
//! serde takes a list for an object, its fields by their position: `[1, "x"]` for `{"a": 1, "b":
//! "x"}`. What a stranger means by that nobody knows, and a field that is added or moved would
//! change it silently. [`Strict`] stands between a format and the types that are read from it, and
//! lets no list through where the type has fields.
//!
//! What serde keeps aside until it knows its type - an object with a tag - cannot be seen through:
//! in there any list is refused. No request has one there; nor is any field of a type that would
//! take whatever comes.

use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, VariantAccess, Visitor,
};
use std::fmt;

/// How the error begins.
pub(crate) const NOT_AN_OBJECT: &str = "must be an object, not a list";

/// A part of what is read: a deserializer, or an access or a seed that leads to one.
pub(crate) struct Strict<T>(pub(crate) T);

/// A type's own reader, given lists only where they may be.
struct Reader<V> {
    visitor: V,
    lists: bool,
}

/// A reader of what may be a list, if the type says so.
const fn open<V>(visitor: V) -> Reader<V> {
    Reader { visitor, lists: true }
}

/// A reader of what has fields, or is kept aside.
const fn object<V>(visitor: V) -> Reader<V> {
    Reader { visitor, lists: false }
}

macro_rules! ask {
    ($reader:ident: $($method:ident($($name:ident: $kind:ty),*))*) => {$(
        fn $method<V: Visitor<'de>>(self, $($name: $kind,)* visitor: V) -> Result<V::Value, D::Error> {
            self.0.$method($($name,)* $reader(visitor))
        }
    )*};
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Strict<D> {
    type Error = D::Error;

    ask! { object:
        deserialize_any()
        deserialize_struct(name: &'static str, fields: &'static [&'static str])
    }

    ask! { open:
        deserialize_bool() deserialize_i8() deserialize_i16() deserialize_i32() deserialize_i64()
        deserialize_i128() deserialize_u8() deserialize_u16() deserialize_u32() deserialize_u64()
        deserialize_u128() deserialize_f32() deserialize_f64() deserialize_char() deserialize_str()
        deserialize_string() deserialize_bytes() deserialize_byte_buf() deserialize_option()
        deserialize_unit() deserialize_unit_struct(name: &'static str)
        deserialize_newtype_struct(name: &'static str) deserialize_seq()
        deserialize_tuple(len: usize) deserialize_tuple_struct(name: &'static str, len: usize)
        deserialize_map()
        deserialize_enum(name: &'static str, variants: &'static [&'static str])
        deserialize_identifier() deserialize_ignored_any()
    }

    fn is_human_readable(&self) -> bool {
        self.0.is_human_readable()
    }
}

macro_rules! hand_on {
    ($($method:ident($kind:ty))*) => {$(
        fn $method<E: Error>(self, value: $kind) -> Result<V::Value, E> {
            self.visitor.$method(value)
        }
    )*};
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Reader<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.visitor.expecting(f)
    }

    hand_on! {
        visit_bool(bool) visit_i64(i64) visit_i128(i128) visit_u64(u64) visit_u128(u128)
        visit_f64(f64) visit_char(char) visit_str(&str) visit_borrowed_str(&'de str)
        visit_string(String) visit_bytes(&[u8]) visit_borrowed_bytes(&'de [u8])
        visit_byte_buf(Vec<u8>)
    }

    fn visit_none<E: Error>(self) -> Result<V::Value, E> {
        self.visitor.visit_none()
    }

    fn visit_unit<E: Error>(self) -> Result<V::Value, E> {
        self.visitor.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, value: D) -> Result<V::Value, D::Error> {
        self.visitor.visit_some(Strict(value))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, value: D) -> Result<V::Value, D::Error> {
        self.visitor.visit_newtype_struct(Strict(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<V::Value, A::Error> {
        if !self.lists {
            return Err(A::Error::custom(NOT_AN_OBJECT));
        }
        self.visitor.visit_seq(Strict(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_map(Strict(fields))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, variant: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_enum(Strict(variant))
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Strict<S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, value: D) -> Result<S::Value, D::Error> {
        self.0.deserialize(Strict(value))
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Strict<A> {
    type Error = A::Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, A::Error> {
        self.0.next_element_seed(Strict(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Strict<A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        self.0.next_key_seed(Strict(seed))
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, A::Error> {
        self.0.next_value_seed(Strict(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, A: EnumAccess<'de>> EnumAccess<'de> for Strict<A> {
    type Error = A::Error;
    type Variant = Strict<A::Variant>;

    fn variant_seed<T: DeserializeSeed<'de>>(
        self,
        seed: T,
    ) -> Result<(T::Value, Self::Variant), A::Error> {
        let (name, content) = self.0.variant_seed(Strict(seed))?;
        Ok((name, Strict(content)))
    }
}

impl<'de, A: VariantAccess<'de>> VariantAccess<'de> for Strict<A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), A::Error> {
        self.0.unit_variant()
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, A::Error> {
        self.0.newtype_variant_seed(Strict(seed))
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, A::Error> {
        self.0.tuple_variant(len, open(visitor))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        self.0.struct_variant(fields, object(visitor))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        n: u64,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(tag = "type", rename_all = "lowercase", deny_unknown_fields)]
    enum Tagged {
        Plain {},
        With { inner: Inner },
    }

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(tag = "kind", content = "id", rename_all = "lowercase", deny_unknown_fields)]
    enum Beside {
        House,
        Bank(u32),
    }

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "lowercase")]
    enum Outside {
        Unit,
        Pair(u8, u8),
        Named { n: u8 },
    }

    #[derive(Debug, Deserialize, PartialEq)]
    struct Wrapped(Inner);

    #[derive(Debug, Default, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields, default)]
    struct Outer {
        inner: Option<Inner>,
        wrapped: Option<Wrapped>,
        list: Vec<Inner>,
        pair: Option<(u8, bool)>,
        tagged: Option<Tagged>,
        beside: Option<Beside>,
        outside: Option<Outside>,
        by_name: std::collections::BTreeMap<String, Inner>,
    }

    fn read(text: &str) -> Result<Outer, String> {
        let mut json = serde_json::Deserializer::from_str(text);
        Outer::deserialize(Strict(&mut json)).map_err(|error| error.to_string())
    }

    #[test]
    fn objects_and_lists_are_read_where_they_belong() {
        let outer = |outer: Outer| Ok(outer);
        let none = Outer::default;
        let inner = |n| Inner { n };
        for (text, expected) in [
            (r#"{"inner":{"n":1}}"#, Outer { inner: Some(inner(1)), ..none() }),
            (r#"{"wrapped":{"n":2}}"#, Outer { wrapped: Some(Wrapped(inner(2))), ..none() }),
            (r#"{"list":[{"n":1},{"n":2}]}"#, Outer { list: vec![inner(1), inner(2)], ..none() }),
            (r#"{"pair":[1,true]}"#, Outer { pair: Some((1, true)), ..none() }),
            (r#"{"tagged":{"type":"plain"}}"#, Outer { tagged: Some(Tagged::Plain {}), ..none() }),
            (
                r#"{"tagged":{"inner":{"n":3},"type":"with"}}"#,
                Outer { tagged: Some(Tagged::With { inner: inner(3) }), ..none() },
            ),
            (r#"{"beside":{"kind":"house"}}"#, Outer { beside: Some(Beside::House), ..none() }),
            (
                r#"{"beside":{"id":4,"kind":"bank"}}"#,
                Outer { beside: Some(Beside::Bank(4)), ..none() },
            ),
            (r#"{"outside":"unit"}"#, Outer { outside: Some(Outside::Unit), ..none() }),
            (
                r#"{"outside":{"pair":[1,2]}}"#,
                Outer { outside: Some(Outside::Pair(1, 2)), ..none() },
            ),
            (
                r#"{"outside":{"named":{"n":1}}}"#,
                Outer { outside: Some(Outside::Named { n: 1 }), ..none() },
            ),
            (
                r#"{"by_name":{"a":{"n":5}}}"#,
                Outer { by_name: [("a".to_owned(), inner(5))].into(), ..none() },
            ),
        ] {
            assert_eq!(read(text), outer(expected), "{text}");
        }
    }

    #[test]
    fn a_list_is_no_object_at_any_depth() {
        for text in [
            "[]",
            r#"{"inner":[1]}"#,
            r#"{"wrapped":[1]}"#,
            r#"{"list":[{"n":1},[2]]}"#,
            r#"{"tagged":["plain"]}"#,
            r#"{"tagged":["with",{"n":1}]}"#,
            r#"{"tagged":{"type":"with","inner":[1]}}"#,
            r#"{"beside":["bank",4]}"#,
            r#"{"outside":{"named":[1]}}"#,
            r#"{"by_name":{"a":[5]}}"#,
        ] {
            let plain: Result<Outer, _> = serde_json::from_str(text);
            assert!(plain.is_ok(), "{text}: serde takes it, which is why Strict is there");
            let error = read(text).expect_err(text);
            assert!(error.starts_with(NOT_AN_OBJECT), "{text}: {error}");
        }
    }
}
