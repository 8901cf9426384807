//! What can be set on every kind of record, in the same words.

/// `with_id`, `with_metadata`, `at` and, where it is named, `with_reason` of a record's type.
macro_rules! record_setters {
    ($type:ty $(, $reason:ident)?) => {
        impl $type {
            /// The same under this id.
            #[must_use]
            pub fn with_id(mut self, id: $crate::RecordId) -> Self {
                self.id = id;
                self
            }

            /// The same with this metadata.
            #[must_use]
            pub fn with_metadata(mut self, metadata: $crate::JsonObject) -> Self {
                self.metadata = metadata;
                self
            }

            /// The same at this time.
            #[must_use]
            pub fn at(mut self, timestamp: $crate::Timestamp) -> Self {
                self.timestamp = timestamp;
                self
            }

            $(
                /// The same with a reason.
                #[must_use]
                pub fn with_reason(mut self, reason: impl Into<String>) -> Self {
                    self.$reason = Some(reason.into());
                    self
                }
            )?
        }
    };
}
pub(crate) use record_setters;
