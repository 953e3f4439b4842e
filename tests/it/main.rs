//! The one integration crate.

mod protocol;
