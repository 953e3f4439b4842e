//! What can be fetched by its name: a few models that are known to serve, as data.
//!
//! Addresses and checksums are those that the makers publish: whisper.cpp's in its `models/README.md` (SHA-1), piper's
//! in its `voices.json` (MD5).

use std::path::Path;

use super::checksum::Checksum;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Whisper,
    Piper,
}

impl Kind {
    /// The setting that makes use of it.
    pub(super) fn setting(self) -> &'static str {
        match self {
            Self::Whisper => "offline.whisper_model",
            Self::Piper => "offline.piper_voice",
        }
    }

    /// By the name of a file.
    pub(super) fn of(file: &Path) -> Option<Self> {
        let name = file.file_name()?.to_str()?;
        match name.rsplit_once('.')?.1 {
            "onnx" => Some(Self::Piper),
            "bin" | "gguf" if name.starts_with("ggml") || name.contains("whisper") => Some(Self::Whisper),
            _ => None,
        }
    }
}

#[derive(Debug)]
pub(super) struct Model {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) mib: u32,
    pub(super) license: &'static str,
    pub(super) about: &'static str,
    /// The first one is what the setting names.
    pub(super) files: &'static [ModelFile],
}

#[derive(Debug)]
pub(super) struct ModelFile {
    pub(super) url: &'static str,
    checksum: Published,
}

#[derive(Debug)]
enum Published {
    Sha1(&'static str),
    Md5(&'static str),
}

impl ModelFile {
    pub(super) fn checksum(&self) -> Checksum {
        match self.checksum {
            Published::Sha1(hex) => Checksum::Sha1(hex.to_owned()),
            Published::Md5(hex) => Checksum::Md5(hex.to_owned()),
        }
    }
}

macro_rules! whisper {
    ($name:literal, $mib:literal, $sha1:literal, $about:literal) => {
        Model {
            name: concat!("whisper-", $name),
            kind: Kind::Whisper,
            mib: $mib,
            license: "MIT",
            about: $about,
            files: &[ModelFile {
                url: concat!(
                    "https://huggingface.co/ggerganov/whisper.cpp/resolve/main/ggml-",
                    $name,
                    ".bin"
                ),
                checksum: Published::Sha1($sha1),
            }],
        }
    };
}

macro_rules! piper {
    ($voice:literal, $model:literal, $description:literal, $about:literal) => {
        Model {
            name: concat!("piper-en_US-", $voice, "-medium"),
            kind: Kind::Piper,
            mib: 60,
            license: "see its MODEL_CARD",
            about: $about,
            files: &[
                ModelFile { url: piper!($voice, ".onnx"), checksum: Published::Md5($model) },
                ModelFile { url: piper!($voice, ".onnx.json"), checksum: Published::Md5($description) },
            ],
        }
    };
    ($voice:literal, $end:literal) => {
        concat!(
            "https://huggingface.co/rhasspy/piper-voices/resolve/v1.0.0/en/en_US/",
            $voice,
            "/medium/en_US-",
            $voice,
            "-medium",
            $end
        )
    };
}

pub(super) const CATALOG: &[Model] = &[
    whisper!("tiny.en", 75, "c78c86eb1a8faa21b369bcd33207cc90d64ae9df", "English speech, for small machines"),
    whisper!("base.en", 142, "137c40403d78fd54d454da0f9bd998f78703390c", "English speech, a good beginning"),
    whisper!(
        "small.en",
        466,
        "db8a495a91d927739e50b3fc1cc4c6b8f6c2d022",
        "English speech, better and slower"
    ),
    piper!(
        "lessac",
        "2fc642b535197b6305c7c8f92dc8b24f",
        "46e565a656f76b42b588d822025ed439",
        "an American voice, clear"
    ),
    piper!(
        "amy",
        "778d28aeb95fcdf8a882344d9df142fc",
        "eed7b28ea26b86395fd842942bdaea4c",
        "an American voice, female"
    ),
    piper!(
        "ryan",
        "8f06d3aff8ded5a7f13f907e6bec32ac",
        "6222797bca87b2a799ef0ed2d2f66adf",
        "an American voice, male"
    ),
];
