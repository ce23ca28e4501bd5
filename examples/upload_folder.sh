#!/usr/bin/env bash
# Uploads every picture below a folder, lists them, downloads each through its presigned URL and
# compares it byte for byte with what was sent.
#
#   examples/upload_folder.sh FOLDER [SERVER] [USER]
#
# SERVER defaults to http://127.0.0.1:8080. `tintype` is taken from $TINTYPE_TEST_BINARY, else from
# the PATH, else from ./build. Needs curl and python3. Ends with 1 when anything failed.
set -euo pipefail

folder=${1:?usage: upload_folder.sh FOLDER [SERVER] [USER]}
server=${2:-http://127.0.0.1:8080}
user=${3:-folder-$(date +%s)-$$}

# shellcheck disable=SC2012
tintype=${TINTYPE_TEST_BINARY:-$(command -v tintype || ls -t build/*/tintype 2>/dev/null | head -n 1)}
[ -x "$tintype" ] || { echo "upload_folder: no tintype program found" >&2; exit 2; }
[ -d "$folder" ] || { echo "upload_folder: $folder is not a folder" >&2; exit 2; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# field NAME...: the members of the JSON object on standard input, a line each.
field() {
  python3 -c 'import json, sys
value = json.load(sys.stdin)
for name in sys.argv[1:]:
    found = value
    for part in name.split("."):
        found = found[part]
    print("" if found is None else found)' "$@"
}

mapfile -d '' files < <(find "$folder" -type f \
  \( -iname '*.jpg' -o -iname '*.jpeg' -o -iname '*.png' -o -iname '*.webp' -o -iname '*.gif' \
     -o -iname '*.avif' -o -iname '*.heic' -o -iname '*.heif' \) -print0 | sort -z)
[ ${#files[@]} -gt 0 ] || { echo "upload_folder: no pictures in $folder" >&2; exit 2; }

failed=0
"$tintype" upload --server "$server" --user "$user" --tag folder --json "${files[@]}" \
  > "$work/uploads" || failed=1

# List all pages of the user's images.
listed=0
last_key=
while :; do
  curl -fsS -G "$server/images" --data-urlencode "user_id=$user" -d limit=100 \
    ${last_key:+--data-urlencode "last_key=$last_key"} > "$work/page"
  listed=$((listed + $(field count < "$work/page")))
  last_key=$(field last_key < "$work/page")
  [ -n "$last_key" ] || break
done

uploaded=0 same=0 duplicates=0
while IFS= read -r line; do
  [ "$(field ok <<< "$line")" = True ] || continue
  uploaded=$((uploaded + 1))
  [ "$(field duplicate <<< "$line")" = False ] || duplicates=$((duplicates + 1))
  file=$(field file <<< "$line")
  id=$(field image.image_id <<< "$line")
  url=$(curl -fsS "$server/images/$id/download" | field download_url)
  curl -fsS -o "$work/bytes" "$url"
  if cmp -s "$file" "$work/bytes"; then
    same=$((same + 1))
  else
    echo "upload_folder: $file came back different" >&2
    failed=1
  fi
done < "$work/uploads"

[ "$listed" -eq $((uploaded - duplicates)) ] || {
  echo "upload_folder: $((uploaded - duplicates)) images expected in the list, found $listed" >&2
  failed=1
}
echo "${#files[@]} files, $uploaded uploaded ($duplicates of them duplicates)," \
  "$listed listed, $same identical after download; user $user"
exit $failed
