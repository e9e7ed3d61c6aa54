#!/usr/bin/env bash
# Runs a command with a Rust toolchain that can build for wasm32-unknown-unknown.
#
#   scripts/wasm.sh                        only make sure that such a toolchain is there
#   scripts/wasm.sh trunk build --release  ... and run a command with it
#   scripts/wasm.sh --compiler             only say which compiler that is; fails where it has yet to be made
#
# 1. The toolchain in use has the target: use it.
# 2. The fallback of step 4 was made earlier: use it.
# 3. `rustup target add`, the ordinary way.
# 4. On Debian, as root: the distribution's own rustc (package rustc-web) and its library source.
#    The standard library is built once for wasm32 (about a minute) into a cache folder.
# Safe to run again and again. Only the command runs in a changed environment, your shell does not.
# WASM_FORCE_FALLBACK=1 goes straight to 2 and 4.
set -euo pipefail

target=wasm32-unknown-unknown
need_minor=$(sed -n 's/^rust-version = "1\.\([0-9]*\)".*/\1/p' "$(dirname "$0")/../Cargo.toml")
cache=${WASM_TOOLCHAIN_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/wasm-toolchain}
sys=/usr/bin/rustc                               # the distribution's compiler, never rustup's
say() { printf 'wasm.sh: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }
run() { if [ $# -gt 0 ]; then exec "$@"; fi; exit 0; }
only_ask=
if [ "${1:-}" = --compiler ]; then only_ask=1; set -- sh -c 'exec "${RUSTC:-rustc}" -vV'; fi

has_target() { # RUSTC: does this compiler have the standard library for the target?
    local dir
    dir=$("$1" --print target-libdir --target "$target" 2>/dev/null) || return 1
    compgen -G "$dir/libcore-*.rlib" >/dev/null
}
# Named after the exact compiler and the way the library is built: another gets another folder.
fallback_dir() { [ -x "$sys" ] && printf '%s/%s\n' "$cache" "$({ "$sys" -Vv; echo "way 3"; } | sha256sum | cut -c1-16)"; }
use_fallback() { # DIR [COMMAND...]
    local root=$1; shift
    has_target "$root/bin/rustc" || die "$root is damaged: remove it and run this again."
    export PATH="$root/bin:$PATH" RUSTC="$root/bin/rustc" RUSTDOC="$root/bin/rustdoc"
    unset RUSTUP_TOOLCHAIN
    run "$@"
}

if [ -z "${WASM_FORCE_FALLBACK:-}" ] && has_target rustc; then run "$@"; fi
if root=$(fallback_dir) && [ -f "$root/.done" ]; then use_fallback "$root" "$@"; fi
[ -z "$only_ask" ] || exit 1
if [ -z "${WASM_FORCE_FALLBACK:-}" ] && command -v rustup >/dev/null; then
    say "adding the target $target with rustup"
    # macOS has no timeout; rustup gives up by itself there too, only later.
    limit=(); if command -v timeout >/dev/null; then limit=(timeout 300); fi
    if why=$("${limit[@]+"${limit[@]}"}" rustup target add "$target" 2>&1) && has_target rustc; then run "$@"; fi
    say "rustup could not add it: $(grep -m1 -i '^error' <<<"$why" | cut -c1-160)"
fi

# The distribution's compiler, its library source and its linker
ready() { [ -x "$sys" ] && [ -f "$("$sys" --print sysroot)/lib/rustlib/src/rust/library/std/Cargo.toml" ] &&
          command -v rust-lld >/dev/null && [ -e "$(readlink -f "$(command -v rust-lld)")" ]; }
if ! ready; then
    command -v apt-get >/dev/null || die "no way left: rustup cannot add $target, and this is not Debian. Run 'rustup target add $target' where the Rust servers can be reached."
    [ "$(id -u)" = 0 ] || die "rustup cannot add $target. Run this script once as root: it then installs rustc-web and rust-web-src."
    say "installing the distribution's rustc and its library source"
    export DEBIAN_FRONTEND=noninteractive
    apt-get -o DPkg::Lock::Timeout=300 update -qq >&2 || say "apt-get update failed; going on with the lists there are"
    apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends rustc-web rust-web-src rust-web-llvm libstd-rust-web-dev >&2 ||
        die "neither rustup nor apt-get can supply a compiler for $target."
    llvm=$("$sys" -Vv | sed -n 's/^LLVM version: \([0-9]*\).*/\1/p')
    apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends "lld-$llvm" >&2 || die "there is no package lld-$llvm, and rust-lld needs it."
    ready || die "the installed packages are not complete (compiler, library source, rust-lld)."
fi
minor=$("$sys" -V | sed -n 's/^rustc 1\.\([0-9]*\).*/\1/p')
[ "${minor:-0}" -ge "$need_minor" ] || die "$sys is 1.${minor:-?}, but this project needs 1.$need_minor."

root=$(fallback_dir)
mkdir -p "$cache"
exec 9>"$cache/.lock"; flock 9                   # two builds at once: the second waits
if [ ! -f "$root/.done" ]; then
    say "building the standard library for $target (once, about a minute)"
    work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
    mkdir -p "$work/src"; : >"$work/src/lib.rs"
    printf '[package]\nname="seed"\nversion="0.0.0"\nedition="2021"\n[profile.release]\npanic="abort"\nopt-level="s"\n[workspace]\n' >"$work/Cargo.toml"
    # A panic names the place of its source, and these are in a folder of this machine. A flag of cargo would count among
    # what the crates are named after, with that folder in it: two machines must make the same bytes.
    printf '#!/bin/sh\nexec %s --remap-path-prefix "%s=/crates" "$@"\n' "$sys" "${CARGO_HOME:-$HOME/.cargo}/registry/src" >"$work/rustc"
    chmod +x "$work/rustc"
    ( cd "$work" && env -u CARGO_BUILD_TARGET -u CARGO_ENCODED_RUSTFLAGS -u RUSTC_WRAPPER \
        CARGO_TARGET_DIR="$work/target" RUSTC="$work/rustc" RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Cembed-bitcode=yes \
        cargo build -q -Zbuild-std=std,panic_abort,panic_unwind,proc_macro,test -Zbuild-std-features=optimize_for_size --target "$target" --release >&2 ) ||
        die "the standard library did not build; see the lines above."
    new=$root.new; rm -rf "$new"; lib=$new/lib/rustlib
    mkdir -p "$new/bin" "$lib/$target/lib"
    sysroot=$("$sys" --print sysroot); host=$("$sys" -Vv | sed -n 's/^host: //p')
    ln -s "$sysroot/lib/rustlib/$host" "$lib/$host"
    ln -s "$sysroot/lib/rustlib/src" "$lib/src"
    cp "$work/target/$target/release/deps"/*.rlib "$lib/$target/lib/"
    rm -f "$lib/$target/lib"/libseed-*
    # Cargo compiles anew what stands on another library only if the compiler's version says that it is another.
    printf '#!/bin/sh\nif [ "$*" = -vV ]; then %s -vV; echo "library: %s"; exit; fi\nexec %s --sysroot "%s" "$@"\n' \
        "$sys" "$(basename "$root")" "$sys" "$root" >"$new/bin/rustc"
    printf '#!/bin/sh\nexec /usr/bin/rustdoc --sysroot "%s" "$@"\n' "$root" >"$new/bin/rustdoc"
    chmod +x "$new/bin/rustc" "$new/bin/rustdoc"
    ln -s "$(rustup which cargo 2>/dev/null || command -v cargo)" "$new/bin/cargo"
    rm -rf "$root"; mv "$new" "$root"; touch "$root/.done"
    rm -rf "$work"; trap - EXIT
fi
exec 9>&-
use_fallback "$root" "$@"
