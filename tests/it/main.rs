//! The one integration crate.

mod architecture;
mod program;
mod protocol;
mod screen;
mod serve;
mod text_mode;
mod voice;
