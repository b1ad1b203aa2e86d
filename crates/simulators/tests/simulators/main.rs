//! Simulators, driven through the channels room over real sockets.
