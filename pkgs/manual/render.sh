#!/usr/bin/env bash
# Renders the chapters beside it into the directory named: a page of HTML each, and one PDF where typst is there.
# Needs pandoc 3.
set -euo pipefail
out=${1:?usage: render.sh DIRECTORY}
here=$(dirname "$0")
mkdir -p "$out"
cp -r --no-preserve=mode "$here/images" "$out"

# In the order of the manual's own table of chapters.
mapfile -t chapters < <(sed -n 's/^| \[\([a-z-]*\.md\)\].*/\1/p' "$here/README.md")

for page in README.md "${chapters[@]}"; do
  name=${page%.md}
  [ "$name" = README ] && name=index
  title=$(sed -n 's/^# //p' "$here/$page" | head -n 1)
  # Links between chapters lead to pages instead of sources.
  sed -E 's/\]\(README\.md(#[^)]*)?\)/](index.html\1)/g; s/\]\(([a-z-]+)\.md(#[^)]*)?\)/](\1.html\2)/g' "$here/$page" |
    pandoc --from gfm --to html5 --standalone --metadata "pagetitle=$title" --output "$out/$name.html"
done

if command -v typst >/dev/null; then
  (cd "$here" && pandoc --from gfm --pdf-engine typst --toc --metadata title=Chord --output "$out/manual.pdf" README.md "${chapters[@]}")
fi
