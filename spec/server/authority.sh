# Makes what the servers of specs show and trust, in the folder $1:
# ca.pem, an authority; good, other, old: its certificates (for 127.0.0.1 and
# good.test; for another host; expired, for 127.0.0.1, good.test and old.test);
# deep: one that an authority two steps below it issued; stranger.pem: an
# authority that issued none of them; strange: its certificate, as good in all
# else; alone: one that signed itself.
set -e
cd "$1"

key="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"

authority() {
  # shellcheck disable=SC2086
  openssl req -x509 $key -keyout "$1.key" -out "$1.pem" -days 2 \
    -subj "/CN=wxbot test authority $1"
}

# issue NAME ISSUER EXTENSION OPTIONS...
issue() {
  name=$1 issuer=$2
  printf '%s\n' "$3" >"$name.ext"
  shift 3
  # shellcheck disable=SC2086
  openssl req -new $key -keyout "$name.key" -out "$name.csr" -subj "/CN=$name"
  openssl x509 -req -in "$name.csr" -CA "$issuer.pem" -CAkey "$issuer.key" \
    -CAcreateserial -extfile "$name.ext" -out "$name.pem" "$@"
}

# old.pem: `openssl x509` cannot date a certificate back in every version of 3,
# and makes none that ends before it begins; `openssl ca` can, in all of them.
expire() {
  # shellcheck disable=SC2086
  openssl req -new $key -keyout old.key -out old.csr -subj /CN=old
  echo "subjectAltName=$here,DNS:old.test" >old.ext
  : >old.index
  cat >old.cnf <<'CNF'
[ca]
default_ca = ca
database = old.index
serial = ca.srl
new_certs_dir = .
default_md = sha256
policy = any
[any]
commonName = supplied
CNF
  openssl ca -batch -notext -config old.cnf -cert ca.pem \
    -keyfile ca.key -in old.csr -extfile old.ext -out old.pem \
    -startdate 20200101000000Z -enddate 20200102000000Z
}

authority ca
authority stranger
here="DNS:good.test,IP:127.0.0.1"
issue good ca "subjectAltName=$here" -days 2
issue other ca subjectAltName=DNS:somewhere.test -days 2
expire
issue strange stranger "subjectAltName=$here" -days 2
issue first ca basicConstraints=critical,CA:TRUE -days 2
issue second first basicConstraints=critical,CA:TRUE -days 2
issue deep second subjectAltName=DNS:deep.test -days 2
cat second.pem first.pem >>deep.pem

# shellcheck disable=SC2086
openssl req -x509 $key -keyout alone.key -out alone.pem -days 2 \
  -subj "/CN=alone" -addext "subjectAltName=$here"
