//! `cbor_map!` and `cbor_uint!`: the two ways in which this project declares what it encodes.

/// Declares a struct that travels as a map with unsigned integer keys.
///
/// Fields are written `key => visibility name: Type`, keys ascending (checked when compiling). A field of
/// type `Option<_>` is optional: left out when `None`. A reader refuses unknown keys below 64 and skips
/// those from 64 on: what was added later and may be skipped is an optional field from 64 on.
///
/// ```
/// use shared_crypto::cbor::{decode, encode};
/// shared_crypto::cbor_map! {
///     /// A note.
///     #[derive(Debug, Clone, PartialEq, Eq)]
///     pub struct Note {
///         /// When it was written.
///         0 => pub written_at: u64,
///         /// Its text, unless it is empty.
///         1 => pub text: Option<String>,
///     }
/// }
/// let note = Note { written_at: 7, text: None };
/// assert_eq!(encode(&note), [0xa1, 0x00, 0x07]);
/// assert_eq!(decode::<Note>(&[0xa1, 0x00, 0x07]), Ok(note));
/// ```
#[macro_export]
macro_rules! cbor_map {
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident {
            $( $(#[$field_meta:meta])* $key:literal => $field_vis:vis $field:ident : $ty:ty ),*
            $(,)?
        }
    ) => {
        $(#[$meta])*
        $vis struct $name {
            $( $(#[$field_meta])* $field_vis $field: $ty, )*
        }

        const _: () = assert!(
            $crate::cbor::keys_ascend(&[$($key),*]),
            "keys ascend"
        );

        impl $crate::cbor::minicbor::Encode<()> for $name {
            fn encode<W: $crate::cbor::minicbor::encode::Write>(
                &self,
                e: &mut $crate::cbor::minicbor::Encoder<W>,
                context: &mut (),
            ) -> Result<(), $crate::cbor::minicbor::encode::Error<W::Error>> {
                let count = 0u64 $( + u64::from(!$crate::cbor::minicbor::Encode::<()>::is_nil(&self.$field)) )*;
                e.map(count)?;
                $(
                    if !$crate::cbor::minicbor::Encode::<()>::is_nil(&self.$field) {
                        e.u64($key)?;
                        $crate::cbor::minicbor::Encode::encode(&self.$field, e, context)?;
                    }
                )*
                let _ = context;
                Ok(())
            }
        }

        impl<'b> $crate::cbor::minicbor::Decode<'b, ()> for $name {
            fn decode(
                d: &mut $crate::cbor::minicbor::Decoder<'b>,
                context: &mut (),
            ) -> Result<Self, $crate::cbor::minicbor::decode::Error> {
                use $crate::cbor::minicbor::decode::Error;
                $( let mut $field: Option<$ty> = None; )*
                let count = d.map()?.ok_or_else(|| Error::message("indefinite length"))?;
                let mut last = None;
                for _ in 0..count {
                    let key = d.u64()?;
                    if last.is_some_and(|last| key <= last) {
                        return Err(Error::message("keys out of order"));
                    }
                    last = Some(key);
                    match key {
                        $( $key => {
                            $field = Some($crate::cbor::minicbor::Decode::decode(d, context)?);
                        } )*
                        $crate::cbor::FIRST_IGNORABLE_KEY.. => d.skip()?,
                        _ => return Err(Error::message("unknown key")),
                    }
                }
                let _ = context;
                Ok(Self {
                    $( $field: $field
                        .or_else(<$ty as $crate::cbor::minicbor::Decode<'_, ()>>::nil)
                        .ok_or_else(|| Error::message("missing key"))?, )*
                })
            }
        }
    };
}

/// Declares an enum that travels as an unsigned integer; readers refuse other numbers.
#[macro_export]
macro_rules! cbor_uint {
    (
        $(#[$meta:meta])*
        $vis:vis enum $name:ident {
            $( $(#[$variant_meta:meta])* $variant:ident = $number:literal ),* $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        $vis enum $name {
            $( $(#[$variant_meta])* $variant, )*
        }

        impl $name {
            /// The number that travels.
            pub const fn number(self) -> u64 {
                match self {
                    $( Self::$variant => $number, )*
                }
            }

            /// The value with this number, if there is one.
            pub const fn from_number(number: u64) -> Option<Self> {
                match number {
                    $( $number => Some(Self::$variant), )*
                    _ => None,
                }
            }
        }

        impl<C> $crate::cbor::minicbor::Encode<C> for $name {
            fn encode<W: $crate::cbor::minicbor::encode::Write>(
                &self,
                e: &mut $crate::cbor::minicbor::Encoder<W>,
                _: &mut C,
            ) -> Result<(), $crate::cbor::minicbor::encode::Error<W::Error>> {
                e.u64(self.number())?.ok()
            }
        }

        impl<'b, C> $crate::cbor::minicbor::Decode<'b, C> for $name {
            fn decode(
                d: &mut $crate::cbor::minicbor::Decoder<'b>,
                _: &mut C,
            ) -> Result<Self, $crate::cbor::minicbor::decode::Error> {
                Self::from_number(d.u64()?).ok_or_else(|| {
                    $crate::cbor::minicbor::decode::Error::message("unknown number")
                })
            }
        }
    };
}

/// Whether keys ascend; for [`cbor_map!`].
#[doc(hidden)]
pub const fn keys_ascend(keys: &[u64]) -> bool {
    match keys {
        [] | [_] => true,
        [first, rest @ ..] => match rest {
            [second, ..] => *first < *second && keys_ascend(rest),
            [] => true,
        },
    }
}

#[cfg(test)]
mod tests {
    use crate::cbor::{Bytes, DecodeError, decode, encode};

    cbor_uint! {
        enum Shade {
            Light = 0,
            Dark = 3,
        }
    }

    cbor_map! {
        #[derive(Debug, Clone, PartialEq, Eq)]
        struct Example {
            0 => number: u64,
            2 => text: Option<String>,
            3 => list: Option<Vec<Bytes>>,
            63 => shade: Shade,
        }
    }

    cbor_map! {
        #[derive(Debug, PartialEq, Eq)]
        struct Nothing {}
    }

    fn refused(bytes: &[u8]) {
        assert_eq!(
            decode::<Example>(bytes),
            Err(DecodeError::Shape),
            "{bytes:02x?}"
        );
    }

    #[test]
    fn optional_fields_are_left_out() {
        let example = Example {
            number: 5,
            text: None,
            list: None,
            shade: Shade::Dark,
        };
        assert_eq!(encode(&example), [0xa2, 0x00, 0x05, 0x18, 0x3f, 0x03]);
        assert_eq!(decode(&encode(&example)), Ok(example));
        let text = Some("ü".to_owned());
        let list = Some(vec![Bytes(vec![1]), Bytes(vec![])]);
        let example = Example {
            number: 1 << 40,
            text,
            list,
            shade: Shade::Light,
        };
        assert_eq!(decode(&encode(&example)), Ok(example));
    }

    #[test]
    fn keys_from_64_on_are_skipped() {
        let read = decode(&[
            0xa3, 0x00, 0x05, 0x18, 0x3f, 0x03, 0x18, 0x40, 0xa1, 0x00, 0x81, 0x61, b'x',
        ]);
        assert_eq!(
            read,
            Ok(Example {
                number: 5,
                text: None,
                list: None,
                shade: Shade::Dark
            })
        );
    }

    #[test]
    fn keys_below_64_are_not() {
        refused(&[0xa3, 0x00, 0x05, 0x01, 0x00, 0x18, 0x3f, 0x03]);
    }

    #[test]
    fn missing_keys_wrong_types_and_unknown_numbers_are_refused() {
        refused(&[0xa1, 0x00, 0x05]);
        refused(&[0xa2, 0x00, 0x41, 0x05, 0x18, 0x3f, 0x03]);
        refused(&[0xa2, 0x00, 0x05, 0x18, 0x3f, 0x01]);
        refused(&[0x80]);
    }

    #[test]
    fn null_is_not_a_way_to_leave_out() {
        let bytes = [0xa3, 0x00, 0x05, 0x02, 0xf6, 0x18, 0x3f, 0x03];
        assert_eq!(decode::<Example>(&bytes), Err(DecodeError::Unsupported));
    }

    #[test]
    fn an_empty_map_has_one_form() {
        assert_eq!(encode(&Nothing {}), [0xa0]);
        assert_eq!(decode(&[0xa0]), Ok(Nothing {}));
    }

    #[test]
    fn keys_must_ascend() {
        assert!(super::keys_ascend(&[0, 1, 63, 64]));
        assert!(!super::keys_ascend(&[0, 0]));
        assert!(!super::keys_ascend(&[1, 0]));
    }
}
