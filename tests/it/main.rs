//! The one integration crate.

mod architecture;
mod hostile;
mod pair;
mod program;
mod protocol;
mod screen;
mod serve;
mod text_mode;
mod voice;
