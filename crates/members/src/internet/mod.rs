//! Reaching addresses that somebody else chose: where a merchant wants its messages, where an
//! identity provider keeps its documents.
//!
//! Whether an address is allowed is decided where the connection is made: every name is resolved
//! through [`PublicOnly`], and exactly what passed there is connected to, so a name that answers
//! otherwise a moment later (DNS rebinding) gains nothing. An address [`written_out`] in the URL
//! needs no resolver and is to be looked at before.

mod address;

use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::net::{IpAddr, SocketAddr};

pub use address::is_public;

/// The address in a URL that names no host. Odd spellings (`127.1`, `0x7f000001`) are dotted
/// decimals after parsing.
pub fn written_out(url: &Url) -> Option<IpAddr> {
    url.host_str()?.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

/// An internal address where a public one is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} is an internal address")]
pub struct Internal(pub IpAddr);

/// Finds addresses as the system does.
#[derive(Debug, Clone, Copy)]
pub struct System;

impl Resolve for System {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            // The port is the URL's; the client puts it in.
            let found: Vec<SocketAddr> =
                tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// Passes a name on only if all of its addresses are public: one that has both kinds is set up
/// wrongly or to deceive.
#[derive(Debug, Clone, Copy)]
pub struct PublicOnly<R>(pub R);

impl<R: Resolve> Resolve for PublicOnly<R> {
    fn resolve(&self, name: Name) -> Resolving {
        let found = self.0.resolve(name);
        Box::pin(async move {
            let found: Vec<SocketAddr> = found.await?.collect();
            match found.iter().find(|address| !is_public(address.ip())) {
                Some(address) => Err(Internal(address.ip()).into()),
                None => Ok(Box::new(found.into_iter()) as Addrs),
            }
        })
    }
}
