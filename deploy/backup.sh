#!/bin/sh
# Backs up the SQLite store and the keys of a faucet, while its server runs. See docs/operate.md; for PostgreSQL, that says
# another way.
#
#     backup.sh DATA TARGET
#
# makes TARGET/<time in UTC>/ of the data directory DATA, and keeps the newest 48 of those. A backup that was interrupted has a name
# that ends in `.part`, and is never counted as one.
set -eu

if [ $# -ne 2 ] || [ ! -f "$1/dripline.sqlite" ] || [ ! -d "$1/keys" ]; then
    echo "usage: $0 DATA TARGET, with the data directory of a faucet whose store is SQLite" >&2
    exit 2
fi
data=$1 target=$2 keep=48
umask 077
name=$(date -u +%Y-%m-%dT%H-%M-%SZ)
part=$target/$name.part

mkdir -p "$target"
rm -rf "$target"/*.part
mkdir "$part"
# The store first: segments may be newer than it, and not older.
for file in dripline segments; do
    sqlite3 "$data/$file.sqlite" ".timeout 60000" ".backup '$part/$file.sqlite'"
    [ "$(sqlite3 "$part/$file.sqlite" 'PRAGMA quick_check')" = ok ]
done
cp -R "$data/keys" "$part/keys"
# The loaders of past releases, which pages of others may hold to their digests.
[ ! -d "$data/embed" ] || cp -R "$data/embed" "$part/embed"
sync
mv "$part" "$target/$name"

# Names sort by time.
find "$target" -mindepth 1 -maxdepth 1 -type d -name '????-??-??T??-??-??Z' | sort -r | tail -n +$((keep + 1)) |
    while IFS= read -r old; do rm -rf "$old"; done
echo "$target/$name"
