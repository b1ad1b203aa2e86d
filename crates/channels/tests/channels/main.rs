//! Channels, asked over real sockets.
