//! Compression of requests and replies.
//!
//! Prompts of one study are alike, so a dictionary trained on the first few
//! hundred bodies makes each of the rest about three times smaller than zstd
//! alone does. Dictionary 0 is none.

use std::cell::RefCell;
use std::collections::HashMap;
use std::io::{self, Write};
use std::sync::{Arc, RwLock};

use zstd::zstd_safe::{CCtx, CDict, DCtx, DDict};

use crate::key::MOST_KEPT;

/// With a dictionary the fastest level is nearly as small as the default, at half
/// its cost.
const LEVEL: i32 = 1;

/// Size of a trained dictionary, zstd's recommendation.
const DICTIONARY_BYTES: usize = 112 * 1024;

/// No stored body is larger than this; a larger claim is damage.
pub(super) const MOST_BYTES: usize = 1 << 30;

thread_local! {
    /// With room for what comes of it, which is copied once its size is known.
    static COMPRESS: RefCell<(CCtx<'static>, Vec<u8>)> =
        RefCell::new((CCtx::create(), Vec::new()));
    static DECOMPRESS: RefCell<DCtx<'static>> = RefCell::new(DCtx::create());
}

/// The dictionaries of a store, and which of them new bodies use.
#[derive(Default)]
pub(super) struct Codec {
    current: RwLock<Option<Arc<Encoder>>>,
    decoders: RwLock<HashMap<i64, Arc<DDict<'static>>>>,
}

struct Encoder {
    id: i64,
    dictionary: CDict<'static>,
}

/// A compressed body and the dictionary it needs.
pub(super) struct Packed {
    pub(super) dictionary: i64,
    pub(super) bytes: Vec<u8>,
}

impl Codec {
    /// Makes a stored dictionary known; the newest is used for new bodies.
    pub(super) fn add(&self, id: i64, dictionary: &[u8]) -> Result<(), String> {
        let decoder = DDict::try_create(dictionary)
            .ok_or_else(|| format!("dictionary {id} cannot be loaded"))?;
        let encoder = CDict::try_create(dictionary, LEVEL)
            .ok_or_else(|| format!("dictionary {id} cannot be loaded"))?;
        write(&self.decoders).insert(id, Arc::new(decoder));
        *write(&self.current) = Some(Arc::new(Encoder {
            id,
            dictionary: encoder,
        }));
        Ok(())
    }

    /// Compresses one body.
    pub(super) fn pack(&self, body: &[u8]) -> Result<Packed, String> {
        let encoder = read(&self.current).clone();
        let bytes = COMPRESS.with_borrow_mut(|(context, packed)| {
            packed.clear();
            packed.shrink_to(MOST_KEPT);
            packed.reserve(zstd::zstd_safe::compress_bound(body.len()));
            match &encoder {
                Some(encoder) => context.compress_using_cdict(packed, body, &encoder.dictionary),
                None => context.compress(packed, body, LEVEL),
            }
            .map_err(|code| zstd::zstd_safe::get_error_name(code).to_owned())?;
            Ok::<_, String>(packed.as_slice().to_vec())
        })?;
        Ok(Packed {
            dictionary: encoder.map_or(0, |encoder| encoder.id),
            bytes,
        })
    }

    /// Restores one body.
    pub(super) fn unpack(&self, dictionary: i64, bytes: &[u8]) -> Result<Vec<u8>, String> {
        let size = zstd::zstd_safe::get_frame_content_size(bytes)
            .ok()
            .flatten()
            .and_then(|size| usize::try_from(size).ok())
            .filter(|size| *size <= MOST_BYTES)
            .ok_or("a body has no valid size")?;
        let mut body = Vec::with_capacity(size);
        DECOMPRESS.with_borrow_mut(|context| {
            if dictionary == 0 {
                context.decompress(&mut body, bytes)
            } else {
                let decoder = read(&self.decoders)
                    .get(&dictionary)
                    .cloned()
                    .ok_or_else(|| format!("dictionary {dictionary} is missing"))?;
                context.decompress_using_ddict(&mut body, bytes, &decoder)
            }
            .map_err(|code| zstd::zstd_safe::get_error_name(code).to_owned())
        })?;
        Ok(body)
    }

    /// Whether new bodies use a dictionary yet.
    pub(super) fn has_dictionary(&self) -> bool {
        read(&self.current).is_some()
    }

    /// Whether bodies of this dictionary can be restored.
    pub(super) fn knows(&self, dictionary: i64) -> bool {
        dictionary == 0 || read(&self.decoders).contains_key(&dictionary)
    }
}

/// Compresses a body of so many bytes as it is written, without a dictionary.
pub(super) fn pack_stream(
    bytes: u64,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<Vec<u8>> {
    let mut encoder = zstd::Encoder::new(Vec::new(), LEVEL)?;
    // Whoever restores it asks for its size.
    encoder.set_pledged_src_size(Some(bytes))?;
    write(&mut encoder)?;
    encoder.finish()
}

/// Trains a dictionary; `None` where the samples are too few or too uniform.
pub(super) fn train(samples: &[Vec<u8>]) -> Option<Vec<u8>> {
    zstd::dict::from_samples(samples, DICTIONARY_BYTES).ok()
}

// Nothing panics while one of these locks is held, and the data behind them is
// replaced whole, so a poisoned lock still holds a good value.
fn read<T>(lock: &RwLock<T>) -> std::sync::RwLockReadGuard<'_, T> {
    lock.read()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn write<T>(lock: &RwLock<T>) -> std::sync::RwLockWriteGuard<'_, T> {
    lock.write()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}
