# Shared by the scripts here: what must be installed, and how it is built. Sourced, not run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD

say() { printf '\033[1m%s\033[0m\n' "$*"; }
fail() { printf '%s\n' "$*" >&2; exit 3; }

# Installs Debian packages that are absent; asks for Swift, the one thing it cannot install.
install_missing() {
  local missing=()
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q '^install ok installed' || missing+=("$package")
  done
  if [ ${#missing[@]} -gt 0 ]; then
    command -v apt-get >/dev/null || fail "needed and absent: ${missing[*]}; install them and run this again"
    local as_root=()
    if [ "$(id -u)" != 0 ]; then
      command -v sudo >/dev/null || fail "needed and absent: ${missing[*]}; run as root: apt-get install ${missing[*]}"
      as_root=(sudo)
    fi
    say "installing ${missing[*]}"
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
  fi
  command -v swift >/dev/null || fail "Swift 6.3 or later is needed: install it from swift.org/install, then run this again
需要 Swift 6.3 或更高版本：请从 swift.org/install 安装后重试"
}

packages=(libmosquitto-dev libsqlite3-dev libssl-dev mosquitto pkg-config)
