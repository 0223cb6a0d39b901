// Checks a log's files with Go's own golang.org/x/mod/sumdb packages, which share no code with Basira.
//
//	checker note VKEY FILE                         every line by VKEY's key must verify (Ed25519, or cosignature/v1)
//	checker inclusion SIZE ROOT INDEX ENTRY PROOF  files of base64 hashes, one a line
//	checker consistency OLD OLDROOT SIZE ROOT PROOF
//	checker proof VKEY ENTRY FILE                  a whole .tlog-proof for the entry in a file
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "refused:", err)
		os.Exit(1)
	}
}

// cosigner verifies C2SP cosignature/v1 (type 4), which x/mod does not know.
type cosigner struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (c cosigner) Name() string    { return c.name }
func (c cosigner) KeyHash() uint32 { return c.hash }
func (c cosigner) Verify(msg, sig []byte) bool {
	if len(sig) != 72 {
		return false
	}
	head := fmt.Sprintf("cosignature/v1\ntime %d\n", binary.BigEndian.Uint64(sig))
	return ed25519.Verify(c.key, append([]byte(head), msg...), sig[8:])
}

func verifier(vkey string) (note.Verifier, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return nil, errors.New("malformed vkey")
	}
	data, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(data) != 33 {
		return nil, errors.New("malformed vkey")
	}
	if data[0] == 1 {
		return note.NewVerifier(vkey)
	}
	sum := sha256.Sum256(append([]byte(parts[0]+"\n"), data...))
	hash := binary.BigEndian.Uint32(sum[:4])
	if data[0] != 4 || fmt.Sprintf("%08x", hash) != parts[1] {
		return nil, errors.New("unknown key type or wrong key ID")
	}
	return cosigner{parts[0], hash, ed25519.PublicKey(data[1:])}, nil
}

func open(vkey string, data []byte) string {
	v, err := verifier(vkey)
	check(err)
	n, err := note.Open(data, note.VerifierList(v))
	check(err)
	return n.Text
}

func hash(text string) (h tlog.Hash) {
	data, err := base64.StdEncoding.DecodeString(text)
	check(err)
	if len(data) != len(h) {
		check(errors.New("hash of the wrong length"))
	}
	copy(h[:], data)
	return h
}

func hashes(lines []string) (path []tlog.Hash) {
	for _, line := range lines {
		path = append(path, hash(line))
	}
	return path
}

func number(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	check(err)
	return n
}

func read(name string) []byte {
	data, err := os.ReadFile(name)
	check(err)
	return data
}

func lines(name string) []string {
	return strings.Fields(string(read(name)))
}

func main() {
	args := os.Args[2:]
	switch os.Args[1] {
	case "note":
		fmt.Print(open(args[0], read(args[1])))
	case "inclusion":
		leaf := tlog.RecordHash(read(args[3]))
		check(tlog.CheckRecord(hashes(lines(args[4])), number(args[0]), hash(args[1]), number(args[2]), leaf))
	case "consistency":
		check(tlog.CheckTree(hashes(lines(args[4])), number(args[2]), hash(args[3]), number(args[0]), hash(args[1])))
	case "proof":
		cut := bytes.Index(read(args[2]), []byte("\n\n"))
		if cut < 0 {
			check(errors.New("no blank line"))
		}
		data := read(args[2])
		head := strings.Split(string(data[:cut]), "\n")
		if head[0] != "c2sp.org/tlog-proof@v1" || !strings.HasPrefix(head[1], "index ") {
			check(errors.New("not a tlog-proof"))
		}
		text := strings.Split(open(args[0], data[cut+2:]), "\n")
		leaf := tlog.RecordHash(read(args[1]))
		check(tlog.CheckRecord(hashes(head[2:]), number(text[1]), hash(text[2]), number(head[1][6:]), leaf))
	default:
		check(errors.New("unknown command"))
	}
}
