//! How domain types are stored: ids as UUID, names as text. Checked text read back is parsed
//! again; a row that does not parse is an error of that row alone.

use sqlx::{Database, Decode, Encode, Type, encode::IsNull, error::BoxDynError};
use uuid::Uuid;

macro_rules! stored {
    ($type:ty as $inner:ty, $to:expr, $from:expr) => {
        impl<DB: Database> Type<DB> for $type
        where
            $inner: Type<DB>,
        {
            fn type_info() -> DB::TypeInfo {
                <$inner as Type<DB>>::type_info()
            }
            fn compatible(ty: &DB::TypeInfo) -> bool {
                <$inner as Type<DB>>::compatible(ty)
            }
        }

        impl<'q, DB: Database> Encode<'q, DB> for $type
        where
            $inner: Encode<'q, DB>,
        {
            fn encode_by_ref(&self, buffer: &mut DB::ArgumentBuffer) -> Result<IsNull, BoxDynError> {
                let to: fn(&$type) -> $inner = $to;
                to(self).encode(buffer)
            }
        }

        impl<'r, DB: Database> Decode<'r, DB> for $type
        where
            $inner: Decode<'r, DB>,
        {
            fn decode(value: DB::ValueRef<'r>) -> Result<Self, BoxDynError> {
                let from: fn($inner) -> Result<$type, BoxDynError> = $from;
                from(<$inner as Decode<'r, DB>>::decode(value)?)
            }
        }
    };
}

macro_rules! stored_id {
    ($type:ty) => {
        stored!($type as Uuid, |id| id.uuid(), |value| Ok(<$type>::from_uuid(value)));
    };
}
crate::domain::id::for_each_id!(stored_id);

stored!(crate::domain::data_key::KeyId as Vec<u8>, |id| id.bytes().to_vec(), |bytes| {
    crate::domain::data_key::KeyId::stored(&bytes).ok_or_else(|| "a key id has 4 bytes".into())
});

macro_rules! stored_text {
    ($($type:ty),* $(,)?) => {$(
        stored!($type as String, |text| text.as_str().to_owned(), |value| Ok(<$type>::parse(&value)?));
    )*};
}
stored_text!(
    crate::domain::name::Slug,
    crate::domain::name::DisplayName,
    crate::domain::name::EnvKey,
    crate::domain::name::Sha,
    crate::domain::domain_name::Hostname,
    crate::domain::domain_name::PathPrefix,
    crate::domain::sso::Issuer,
    crate::domain::sso::ClientName,
    crate::domain::sso::Claim,
    crate::domain::store::StoreAddress,
    crate::acme::Directory,
);

stored!(crate::domain::host_pattern::HostPattern as String, |host| host.as_str().to_owned(), |value| {
    Ok(crate::domain::host_pattern::HostPattern::any(&value)?)
});

stored!(crate::domain::name::Email as String, |email| email.as_str().to_owned(), |value| {
    Ok(crate::domain::name::Email::stored(&value)?)
});

macro_rules! stored_name {
    ($($type:ty),* $(,)?) => {$(
        stored!($type as String, |value| value.name().to_owned(), |name| {
            <$type>::named(&name).ok_or_else(|| format!("unknown name {name:?}").into())
        });
    )*};
}
stored_name!(
    crate::domain::deployment::State,
    crate::domain::step::Step,
    crate::domain::app::Wanted,
    crate::domain::certificate::State,
    crate::domain::certificate::Kind,
    crate::domain::certificate::Challenge,
    crate::domain::credential::Kind,
    crate::domain::delivery::Provider,
    crate::domain::port::PortTls,
    crate::domain::port::Protocol,
    crate::domain::sso::Kind,
    crate::acme::KeyType,
);
