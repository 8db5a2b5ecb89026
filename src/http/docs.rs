//! The interactive documentation: files that never change while the process lives.

use std::{io, sync::Arc};

use utoipa_swagger_ui::Config;

use super::kept::Kept;

/// The documentation's files, as they were asked for.
pub struct Docs {
    config: Arc<Config<'static>>,
}

impl Docs {
    /// `document` is the path of the OpenAPI document. Nothing is loaded from elsewhere: no validator badge, no font, no
    /// script.
    pub fn new(document: String) -> Self {
        let config = Config::from(document).validator_url("none").try_it_out_enabled(true);
        Self { config: Arc::new(config) }
    }

    /// Returns a file, `None` where there is no such file.
    ///
    /// # Errors
    /// Fails if the file is damaged.
    pub fn file(&self, name: &str) -> io::Result<Option<Kept>> {
        let served = utoipa_swagger_ui::serve(name, Arc::clone(&self.config))
            .map_err(|error| io::Error::other(error.to_string()))?;
        served
            .map(|served| match served.gzpipped {
                true => Kept::packed(&served.content_type, &served.bytes),
                false => Kept::new(&served.content_type, served.bytes.into_owned()),
            })
            .transpose()
    }
}
