//! Row identities as types, so that a ticket is never taken for a mail.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id!(
    /// A ticket's number without its prefix: the `1042` of `GS-1042`.
    TicketId
);
id!(
    /// A client company in the directory.
    ClientId
);
id!(
    /// An address that has ever written or been written to; what a token names.
    PersonId
);
id!(
    /// A mail in the inbound ledger.
    InboundId
);
id!(
    /// A mail on its way out, or gone.
    OutboxId
);
id!(
    /// A held mail, as shown by `held list`.
    HeldId
);
id!(
    /// A message filed on a ticket.
    MessageRowId
);
id!(
    /// A line of the ledger: the `1042` of `L-1042`.
    ChargeId
);
