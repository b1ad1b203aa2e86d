//! The canonical form of commands, as it stands in the journal: any bytes are refused with a place
//! in them or mean exactly one thing, whose form they are.

#![no_main]

use ledger::Command;
use ledger::codec::{self, CodecError, Encoded, MAX_PIECE_COMMANDS, PIECE_BYTES};
use libfuzzer_sys::fuzz_target;

fn encoded(commands: &[Command]) -> Vec<u8> {
    let mut out = Vec::new();
    for command in commands {
        codec::encode(command, &mut out);
    }
    out
}

fn refused(bytes: &[u8], error: &CodecError) {
    assert!(error.offset <= bytes.len(), "{error}");
}

fuzz_target!(|bytes: &[u8]| {
    match codec::decode(bytes) {
        Ok(command) => assert_eq!(encoded(&[command]), bytes, "one value has one form"),
        Err(error) => refused(bytes, &error),
    }
    let commands = codec::decode_piece(bytes);
    let checked = Encoded::check(bytes.to_vec());
    assert_eq!(commands.is_ok(), checked.is_ok(), "{commands:?}, {checked:?}");
    let (commands, checked) = match (commands, checked) {
        (Ok(commands), Ok(checked)) => (commands, checked),
        (Err(error), _) | (_, Err(error)) => return refused(bytes, &error),
    };
    assert_eq!(encoded(&commands), bytes, "one value has one form");
    assert_eq!(checked, Encoded::of(&commands));
    assert_eq!(checked.len(), commands.len());
    let mut read = Vec::new();
    for piece in checked.pieces() {
        let part = codec::decode_piece(piece).expect("a piece can be read alone");
        assert!(part.len() <= MAX_PIECE_COMMANDS, "{}", part.len());
        assert!(piece.len() <= PIECE_BYTES || part.len() == 1, "{}", piece.len());
        read.extend(part);
    }
    assert_eq!(read, commands);
});
