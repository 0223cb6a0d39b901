#!/usr/bin/env bash
# Installs what pip and npm cannot: `tools/system_packages.sh venv|test|bench`. Does nothing when all of it is there.
# Needs root and apt to install; otherwise it says exactly what is missing and what to type.
set -euo pipefail

declare -A provides=(
  [ffmpeg]="command -v ffmpeg"
  [chromium]="command -v chromium || command -v chromium-browser"
  [gstreamer1.0-plugins-base]="gst-inspect-1.0 audiotestsrc"
  [gstreamer1.0-plugins-good]="gst-inspect-1.0 rtph264pay"
  [gstreamer1.0-plugins-bad]="gst-inspect-1.0 h265parse"
  [gstreamer1.0-libav]="gst-inspect-1.0 avenc_aac"
  [gstreamer1.0-tools]="command -v gst-inspect-1.0"
  [gir1.2-gst-rtsp-server-1.0]="/usr/bin/python3 -c 'import gi; gi.require_version(\"GstRtspServer\", \"1.0\")'"
  [python3-gi]="/usr/bin/python3 -c 'import gi'"
  [python3-venv]="python3 -c 'import ensurepip, venv'"
  [golang-go]="command -v go"
  [golang-golang-x-mod-dev]="test -d /usr/share/gocode/src/golang.org/x/mod"
  [openssl]="command -v openssl"
  [fonts-noto-core]="fc-list | grep -qi 'noto.*arab'"
  [e2fsprogs]="test -x /sbin/mkfs.ext4"
  [fuse3]="command -v fusermount3"
  [libfuse2]="ldconfig -p | grep -q libfuse.so.2"
  [sqlite3]="command -v sqlite3"
  [motion]="command -v motion"
)
case "${1:-}" in
  venv) wanted=(python3-venv) ;;
  test) wanted=(ffmpeg chromium gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good
    gstreamer1.0-plugins-bad gstreamer1.0-libav python3-gi gir1.2-gst-rtsp-server-1.0 golang-go
    golang-golang-x-mod-dev openssl fonts-noto-core e2fsprogs fuse3 libfuse2) ;;
  bench) wanted=(ffmpeg gstreamer1.0-tools gstreamer1.0-plugins-good gstreamer1.0-plugins-bad python3-gi
    gir1.2-gst-rtsp-server-1.0 motion) ;;
  *) echo "usage: $0 venv|test|bench" >&2; exit 2 ;;
esac

missing=()
for package in "${wanted[@]}"; do
  bash -c "${provides[$package]}" >/dev/null 2>&1 || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

if ! command -v apt-get >/dev/null; then
  echo "Missing: ${missing[*]}. This machine has no apt; install what provides them and run again." >&2
  exit 1
fi
run=()
if [ "$(id -u)" -ne 0 ]; then
  if sudo -n true 2>/dev/null; then
    run=(sudo)
  else
    echo "Missing: ${missing[*]}. Type:  sudo apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
  fi
fi
echo "Installing with apt: ${missing[*]}"
"${run[@]}" apt-get update -qq
"${run[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
