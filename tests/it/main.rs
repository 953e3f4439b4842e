//! The one integration crate.

mod architecture;
mod protocol;
