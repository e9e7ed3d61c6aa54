//! Vaults: manifests, chunks and whose they are.

use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use shared_crypto::id::{Hash, VaultId};
use shared_crypto::problem::ProblemCode;
use shared_crypto::vault::{MAX_CHUNK, MAX_MANIFEST, MAX_VAULT_OWNER, VAULT_HEADER};

use super::problem::Problem;
use super::{Shared, body};
use crate::store::Kept;

pub(super) async fn put_owner(
    app: Shared,
    request: HttpRequest,
    path: web::Path<String>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let vault = vault(&path)?;
    let owner = body::read(&request, payload, MAX_VAULT_OWNER).await?;
    app.own_vault(vault, header(&request)?, &owner).await?;
    Ok(HttpResponse::Ok().finish())
}

pub(super) async fn put_forgotten(
    app: Shared,
    request: HttpRequest,
    path: web::Path<String>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let vault = vault(&path)?;
    let owner = body::read(&request, payload, MAX_VAULT_OWNER).await?;
    app.forget_vault(vault, header(&request)?, &owner).await?;
    Ok(HttpResponse::Ok().finish())
}

pub(super) async fn get_manifest(
    app: Shared,
    request: HttpRequest,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let manifest = app.vault_manifest(vault(&path)?, header(&request)?).await?;
    Ok(bytes(manifest))
}

pub(super) async fn put_manifest(
    app: Shared,
    request: HttpRequest,
    path: web::Path<String>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let vault = vault(&path)?;
    let manifest = body::read(&request, payload, MAX_MANIFEST).await?;
    Ok(kept(
        app.put_manifest(vault, header(&request)?, manifest).await?,
    ))
}

pub(super) async fn get_chunk(
    app: Shared,
    request: HttpRequest,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let (vault_text, chunk_text) = path.into_inner();
    let (vault, chunk) = (vault(&vault_text)?, chunk(&chunk_text)?);
    Ok(bytes(
        app.vault_chunk(vault, chunk, header(&request)?).await?,
    ))
}

pub(super) async fn put_chunk(
    app: Shared,
    request: HttpRequest,
    path: web::Path<(String, String)>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let (vault_text, chunk_text) = path.into_inner();
    let (vault, chunk) = (vault(&vault_text)?, chunk(&chunk_text)?);
    let sealed = body::read(&request, payload, MAX_CHUNK).await?;
    Ok(kept(
        app.put_chunk(vault, chunk, header(&request)?, sealed)
            .await?,
    ))
}

fn header(request: &HttpRequest) -> Result<&str, Problem> {
    request
        .headers()
        .get(VAULT_HEADER)
        .and_then(|value| value.to_str().ok())
        .ok_or_else(|| {
            Problem::new(
                ProblemCode::Unauthorized,
                "The header ZeChat-Vault is missing.",
            )
        })
}

fn vault(text: &str) -> Result<VaultId, Problem> {
    VaultId::parse(text)
        .map_err(|_| Problem::new(ProblemCode::Malformed, "This is not the id of a vault."))
}

fn chunk(text: &str) -> Result<Hash, Problem> {
    Hash::parse(text)
        .map_err(|_| Problem::new(ProblemCode::Malformed, "This is not the name of a chunk."))
}

fn kept(kept: Kept) -> HttpResponse {
    match kept {
        Kept::New => HttpResponse::Created().finish(),
        Kept::Known => HttpResponse::Ok().finish(),
    }
}

fn bytes(bytes: Vec<u8>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/cbor")
        .insert_header((CACHE_CONTROL, HeaderValue::from_static("no-store")))
        .body(bytes)
}
