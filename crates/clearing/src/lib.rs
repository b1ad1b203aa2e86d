//! Calendar, day cut, fees, settlement, advance, day books.
