//! The stylesheet, the script and the icon: parts of the program, compressed once, with addresses that change with their
//! bytes, so that a browser asks for each version once.

use std::{io::Write as _, sync::LazyLock};

use actix_web::{HttpRequest, HttpResponse, http::header, web};
use flate2::{Compression, write::GzEncoder};

use super::paths::ROOT;
use crate::{
    domain::release::Hash,
    http::{answers::Coding, problem::Problem},
};

const IMMUTABLE: &str = "public, max-age=31536000, immutable";

/// The addresses of what every page loads.
pub struct Assets {
    pub style: String,
    pub script: String,
    pub icon: String,
}

struct Asset {
    name: String,
    content_type: &'static str,
    plain: &'static str,
    gzip: Vec<u8>,
    zstd: Vec<u8>,
}

static STYLE: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("page", "css", "text/css; charset=utf-8", include_str!("../../../templates/static/page.css"))
});
static SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new(
        "page",
        "js",
        "text/javascript; charset=utf-8",
        include_str!("../../../templates/static/page.js"),
    )
});
static ICON: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("icon", "svg", "image/svg+xml", include_str!("../../../templates/static/icon.svg"))
});
static ADDRESSES: LazyLock<Assets> = LazyLock::new(|| {
    let address = |asset: &Asset| format!("{ROOT}/static/{}", asset.name);
    Assets { style: address(&STYLE), script: address(&SCRIPT), icon: address(&ICON) }
});

pub fn addresses() -> &'static Assets {
    &ADDRESSES
}

impl Asset {
    fn new(stem: &str, extension: &str, content_type: &'static str, plain: &'static str) -> Self {
        let name = format!("{stem}-{:.12}.{extension}", Hash::of(plain.as_bytes()).to_string());
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        // Writing to memory doesn't fail; an empty coding is never sent.
        let gzip = gzip.write_all(plain.as_bytes()).and_then(|()| gzip.finish()).unwrap_or_default();
        let zstd = zstd::encode_all(plain.as_bytes(), 19).unwrap_or_default();
        Self { name, content_type, plain, gzip, zstd }
    }
}

/// Sends a part of the program. The address of an earlier version isn't found.
pub async fn read(request: HttpRequest, name: web::Path<String>) -> Result<HttpResponse, Problem> {
    let all = [&*STYLE, &*SCRIPT, &*ICON];
    let asset = all.into_iter().find(|asset| asset.name == *name).ok_or_else(|| Problem::absent("file"))?;
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::CONTENT_TYPE, asset.content_type))
        .insert_header((header::CACHE_CONTROL, IMMUTABLE))
        .insert_header((header::VARY, "accept-encoding"));
    Ok(match Coding::of(&request) {
        Coding::Gzip if !asset.gzip.is_empty() => {
            response.insert_header((header::CONTENT_ENCODING, "gzip")).body(asset.gzip.as_slice())
        }
        Coding::Zstd if !asset.zstd.is_empty() => {
            response.insert_header((header::CONTENT_ENCODING, "zstd")).body(asset.zstd.as_slice())
        }
        _ => response.body(asset.plain),
    })
}
