//! The one integration crate.

mod architecture;
mod engines;
mod hostile;
mod hours;
mod keys;
mod pair;
mod paraphrases;
mod program;
mod protocol;
mod providers;
mod records;
mod reminders;
mod schema;
mod screen;
mod serve;
mod talk;
mod text_mode;
mod tls;
mod voice;
