//! Takes in what is unpacked: hashes it and lays it down, on another processor than the one that unpacks where there is one.

use std::io::{self, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use super::spool::{Spool, SpoolWriter};

/// Bytes that are handed on at once.
const PIECE: usize = 1 << 18;

/// Pieces on their way.
const WAITING: usize = 4;

/// What was taken in.
#[derive(Debug)]
pub struct Taken {
    /// The bytes.
    pub body: Spool,
    /// What was hashed before, and the bytes.
    pub hasher: blake3::Hasher,
    /// The greatest byte.
    pub greatest: u8,
}

/// The greater of this and all of these bytes.
#[must_use]
pub fn greatest_of(greatest: u8, bytes: &[u8]) -> u8 {
    bytes.iter().fold(greatest, |most, &byte| most.max(byte))
}

/// Takes in what `fill` puts into the buffers that it is given, until it puts nothing there.
///
/// # Errors
/// Those of `fill`, and `io` of those of the temporary file that much data goes to.
pub fn take<E>(
    hasher: blake3::Hasher,
    io: impl Fn(io::Error) -> E,
    fill: impl FnMut(&mut [u8]) -> Result<usize, E>,
) -> Result<Taken, E> {
    take_in(rayon::current_num_threads() < 2, hasher, io, fill)
}

/// [`take`], on this thread alone or with another one.
fn take_in<E>(
    alone: bool,
    hasher: blake3::Hasher,
    io: impl Fn(io::Error) -> E,
    mut fill: impl FnMut(&mut [u8]) -> Result<usize, E>,
) -> Result<Taken, E> {
    let mut sink = Sink { body: SpoolWriter::default(), hasher, greatest: 0 };
    let mut first = vec![0; PIECE];
    let got = full(&mut first, &mut fill)?;
    let sink = if alone || got < PIECE {
        let (mut piece, mut got) = (first, got);
        while got > 0 {
            sink.take(&piece[..got]).map_err(&io)?;
            got = full(&mut piece, &mut fill)?;
        }
        sink
    } else {
        let (pieces, given) = sync_channel(WAITING);
        let (back, spare) = sync_channel(WAITING + 1);
        std::thread::scope(|scope| {
            let taker = scope.spawn(move || sink.take_all(&given, &back));
            let told = hand_on(first, &mut fill, &pieces, &spare);
            // Without it the taker would wait for more.
            drop(pieces);
            let sink = taker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            told.and(sink.map_err(&io))
        })?
    };
    Ok(Taken { body: sink.body.finish().map_err(&io)?, hasher: sink.hasher, greatest: sink.greatest })
}

/// Fills pieces and hands them on, until there is nothing to fill them with or nobody who takes them.
fn hand_on<E>(
    first: Vec<u8>,
    fill: &mut impl FnMut(&mut [u8]) -> Result<usize, E>,
    pieces: &SyncSender<(Vec<u8>, usize)>,
    spare: &Receiver<Vec<u8>>,
) -> Result<(), E> {
    let (mut piece, mut got) = (first, PIECE);
    while got > 0 && pieces.send((piece, got)).is_ok() {
        piece = spare.try_recv().unwrap_or_else(|_| vec![0; PIECE]);
        got = full(&mut piece, fill)?;
    }
    Ok(())
}

/// Fills a piece as far as there is something.
fn full<E>(piece: &mut [u8], fill: &mut impl FnMut(&mut [u8]) -> Result<usize, E>) -> Result<usize, E> {
    let mut have = 0;
    while have < piece.len() {
        match fill(&mut piece[have..])? {
            0 => break,
            got => have += got,
        }
    }
    Ok(have)
}

/// Where pieces go.
struct Sink {
    body: SpoolWriter,
    hasher: blake3::Hasher,
    greatest: u8,
}

impl Sink {
    fn take(&mut self, piece: &[u8]) -> io::Result<()> {
        self.hasher.update(piece);
        self.greatest = greatest_of(self.greatest, piece);
        self.body.write_all(piece)
    }

    fn take_all(
        mut self,
        given: &Receiver<(Vec<u8>, usize)>,
        back: &SyncSender<Vec<u8>>,
    ) -> io::Result<Self> {
        while let Ok((piece, got)) = given.recv() {
            self.take(&piece[..got])?;
            // There may be nobody who needs it any more.
            let _ = back.try_send(piece);
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(bytes: &[u8], step: usize, alone: bool) -> Result<Taken, String> {
        let mut rest = bytes;
        let mut hasher = blake3::Hasher::new();
        hasher.update(b"head");
        take_in(
            alone,
            hasher,
            |error| error.to_string(),
            |out| {
                let got = out.len().min(step).min(rest.len());
                out[..got].copy_from_slice(&rest[..got]);
                rest = &rest[got..];
                Ok(got)
            },
        )
    }

    #[test]
    fn all_bytes_arrive_in_their_order() {
        for len in [0, 1, PIECE - 1, PIECE, PIECE + 1, 9 * PIECE + 17] {
            let bytes: Vec<u8> = (0..len).map(|i| (i * 7 % 251) as u8).collect();
            for (step, alone) in
                [(1000, true), (1000, false), (PIECE, true), (PIECE, false), (usize::MAX, false)]
            {
                let taken = taken(&bytes, step, alone).unwrap();
                let mut back = vec![0; len];
                taken.body.read_at(0, &mut back).unwrap();
                assert!(back == bytes, "{len} bytes in steps of {step}");
                assert!(taken.body.read_at(0, &mut vec![0; len + 1]).is_err());
                assert_eq!(taken.greatest, bytes.iter().copied().max().unwrap_or(0));
                let whole = [b"head", &bytes[..]].concat();
                assert_eq!(taken.hasher.finalize(), blake3::hash(&whole));
            }
        }
    }

    #[test]
    fn errors_end_it() {
        for alone in [true, false] {
            for pieces in [1, 2, 20] {
                let mut left = pieces;
                let error = take_in(
                    alone,
                    blake3::Hasher::new(),
                    |error| error.to_string(),
                    |out| {
                        left -= 1;
                        if left == 0 { Err("broken".to_owned()) } else { Ok(out.len()) }
                    },
                );
                assert_eq!(error.unwrap_err(), "broken");
            }
        }
    }
}
