//! Bytes to values.

use serde::{
    Deserializer,
    de::{DeserializeSeed, EnumAccess, IntoDeserializer, SeqAccess, VariantAccess, Visitor, value::U32Deserializer},
    forward_to_deserialize_any,
};

use super::{Refused, unknown};

/// Reads one value from the front of what is left.
pub(super) struct Reader<'a, 'de>(pub(super) &'a mut &'de [u8]);

impl<'de> Reader<'_, 'de> {
    fn bytes(&mut self, count: usize) -> Result<&'de [u8], Refused> {
        let (bytes, rest) = self.0.split_at_checked(count).ok_or_else(|| Refused::new("the bytes end too early"))?;
        *self.0 = rest;
        Ok(bytes)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Refused> {
        let mut array = [0; N];
        array.copy_from_slice(self.bytes(N)?);
        Ok(array)
    }

    /// Everything takes a byte at least: a longer length lies.
    fn length(&mut self) -> Result<usize, Refused> {
        let length = u64::from_le_bytes(self.array()?);
        let fits = usize::try_from(length).ok().filter(|&length| length <= self.0.len());
        fits.ok_or_else(|| Refused::new("the bytes end too early"))
    }

    fn is_there(&mut self) -> Result<bool, Refused> {
        match self.array()? {
            [0] => Ok(false),
            [1] => Ok(true),
            _ => Err(Refused::new("the bytes are no such value")),
        }
    }
}

macro_rules! numbers {
    ($($method:ident: $type:ty, $visit:ident);*) => {
        $(fn $method<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Refused> {
            visitor.$visit(<$type>::from_le_bytes(self.array()?))
        })*
    };
}

impl<'de> Deserializer<'de> for Reader<'_, 'de> {
    type Error = Refused;

    numbers! {
        deserialize_i8: i8, visit_i8; deserialize_i16: i16, visit_i16;
        deserialize_i32: i32, visit_i32; deserialize_i64: i64, visit_i64;
        deserialize_u8: u8, visit_u8; deserialize_u16: u16, visit_u16;
        deserialize_u32: u32, visit_u32; deserialize_u64: u64, visit_u64;
        deserialize_f32: f32, visit_f32; deserialize_f64: f64, visit_f64
    }

    fn deserialize_bool<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Refused> {
        visitor.visit_bool(self.is_there()?)
    }

    fn deserialize_string<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Refused> {
        let length = self.length()?;
        let words = std::str::from_utf8(self.bytes(length)?);
        visitor.visit_string(words.map_err(|_| Refused::new("the bytes are no such value"))?.to_owned())
    }

    fn deserialize_option<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Refused> {
        if self.is_there()? { visitor.visit_some(self) } else { visitor.visit_none() }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Refused> {
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Refused> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Refused> {
        let left = self.length()?;
        visitor.visit_seq(InOrder { bytes: self.0, left })
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, left: usize, visitor: V) -> Result<V::Value, Refused> {
        visitor.visit_seq(InOrder { bytes: self.0, left })
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        left: usize,
        visitor: V,
    ) -> Result<V::Value, Refused> {
        self.deserialize_tuple(left, visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refused> {
        self.deserialize_tuple(fields.len(), visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refused> {
        visitor.visit_enum(self)
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Refused> {
        Err(unknown())
    }

    forward_to_deserialize_any! { char str bytes byte_buf map identifier ignored_any }

    fn is_human_readable(&self) -> bool {
        false
    }
}

/// Elements or fields, one behind the other.
struct InOrder<'a, 'de> {
    bytes: &'a mut &'de [u8],
    left: usize,
}

impl<'de> SeqAccess<'de> for InOrder<'_, 'de> {
    type Error = Refused;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Refused> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        seed.deserialize(Reader(self.bytes)).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

impl<'de> EnumAccess<'de> for Reader<'_, 'de> {
    type Error = Refused;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(mut self, seed: V) -> Result<(V::Value, Self), Refused> {
        let variant: U32Deserializer<Refused> = u32::from_le_bytes(self.array()?).into_deserializer();
        Ok((seed.deserialize(variant)?, self))
    }
}

impl<'de> VariantAccess<'de> for Reader<'_, 'de> {
    type Error = Refused;

    fn unit_variant(self) -> Result<(), Refused> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Refused> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, left: usize, visitor: V) -> Result<V::Value, Refused> {
        self.deserialize_tuple(left, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Refused> {
        self.deserialize_tuple(fields.len(), visitor)
    }
}
