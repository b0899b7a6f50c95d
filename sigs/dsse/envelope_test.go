package dsse_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/gverify/gverify/sigs/dsse"
)

// parts are the members of an envelope as text, so that a test can break one.
type parts struct{ payloadType, payload, signatures, more string }

func goodParts() parts {
	return parts{`"payloadType":"application/vnd.in-toto+json"`, `"payload":"e30="`, `"signatures":[{"keyid":"","sig":"AAAA"}]`, ""}
}

func (p parts) join() string {
	var members []string
	for _, m := range []string{p.payloadType, p.payload, p.signatures, p.more} {
		if m != "" {
			members = append(members, m)
		}
	}
	return "{" + strings.Join(members, ",") + "}"
}

func TestParseEnvelope(t *testing.T) {
	accepted := map[string]func(*parts){
		"as it is":             func(*parts) {},
		"a member of others":   func(p *parts) { p.more = `"note":"unsigned"` },
		"a certificate beside": func(p *parts) { p.signatures = `"signatures":[{"sig":"AAAA","cert":"x"}]` },
		"URL-safe base64":      func(p *parts) { p.payload = `"payload":"-_-_"` },
		"standard base64":      func(p *parts) { p.payload = `"payload":"+/+/"` },
	}
	for name, change := range accepted {
		p := goodParts()
		change(&p)
		if _, err := dsse.ParseEnvelope([]byte(p.join())); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	refused := map[string]struct {
		change func(*parts)
		want   string
	}{
		"no payload":            {func(p *parts) { p.payload = "" }, "no payload"},
		"null payload":          {func(p *parts) { p.payload = `"payload":null` }, "no payload"},
		"empty payload":         {func(p *parts) { p.payload = `"payload":""` }, "no payload"},
		"payload no text":       {func(p *parts) { p.payload = `"payload":{}` }, "cannot unmarshal"},
		"no type":               {func(p *parts) { p.payloadType = "" }, "no payloadType"},
		"no signatures":         {func(p *parts) { p.signatures = "" }, "no signatures"},
		"empty signatures":      {func(p *parts) { p.signatures = `"signatures":[]` }, "no signatures"},
		"empty signature":       {func(p *parts) { p.signatures = `"signatures":[{"sig":""}]` }, "signature 1 is empty"},
		"signature without sig": {func(p *parts) { p.signatures = `"signatures":[{}]` }, "signature 1 is empty"},
		"too many signatures": {func(p *parts) {
			p.signatures = `"signatures":[` + strings.Repeat(`{"sig":"AAAA"},`, 16) + `{"sig":"AAAA"}]`
		}, "17 signatures"},
		"huge signature":          {func(p *parts) { p.signatures = `"signatures":[{"sig":"` + strings.Repeat("AAAA", 2000) + `"}]` }, "6000 bytes"},
		"payload twice":           {func(p *parts) { p.more = `"payload":"e30="` }, "twice"},
		"payload in capitals too": {func(p *parts) { p.more = `"PAYLOAD":"e30="` }, "twice"},
		"payload in capitals":     {func(p *parts) { p.payload = `"PAYLOAD":"e30="` }, "should be spelled"},
		"payloadType with K":      {func(p *parts) { p.signatures = "\"signatures\":[{\"\u212aeyid\":\"\",\"sig\":\"AAAA\"}]" }, "should be spelled"},
		"escaped twin":            {func(p *parts) { p.more = `"\u0070ayload":"e30="` }, "twice"},
		"sig twice":               {func(p *parts) { p.signatures = `"signatures":[{"sig":"AAAA","sig":"AAAA"}]` }, "twice"},
		"unknown member twice":    {func(p *parts) { p.more = `"note":[{"a":1,"a":2}]` }, "twice"},
		"line break in base64":    {func(p *parts) { p.payload = `"payload":"e3\n0="` }, "not base64"},
		"no padding":              {func(p *parts) { p.payload = `"payload":"e30"` }, "not base64"},
		"stray bits":              {func(p *parts) { p.payload = `"payload":"e31="` }, "not base64"},
		"both alphabets":          {func(p *parts) { p.payload = `"payload":"+_+_"` }, "not base64"},
		"too deep":                {func(p *parts) { p.more = `"note":` + strings.Repeat("[", 70) + strings.Repeat("]", 70) }, "nested deeper"},
		"too many members": {func(p *parts) {
			p.more = `"note":{`
			for i := range 1001 {
				p.more += fmt.Sprintf(`"%d":[],`, i)
			}
			p.more += `"x":0}`
		}, "too many values"},
		"too many elements": {func(p *parts) { p.signatures = `"signatures":[` + strings.Repeat("{},", 200_000) + "{}]" }, "too many values"},
		"not UTF-8":         {func(p *parts) { p.more = "\"note\":\"\xff\"" }, "not UTF-8"},
	}
	for name, c := range refused {
		p := goodParts()
		c.change(&p)
		e, err := dsse.ParseEnvelope([]byte(p.join()))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: ParseEnvelope() = %v, want %q", name, err, c.want)
		}
		if e.Payload != nil || e.Signatures != nil {
			t.Errorf("%s: an envelope came together with an error", name)
		}
	}
	for _, text := range []string{"", "null", "[]", `"x"`, goodParts().join() + "x", goodParts().join() + goodParts().join()} {
		if _, err := dsse.ParseEnvelope([]byte(text)); err == nil {
			t.Errorf("ParseEnvelope(%q) succeeds", text)
		}
	}
}

func TestParseEnvelopes(t *testing.T) {
	one := goodParts().join()
	for text, want := range map[string]int{
		one: 1, one + "\n": 1, one + "\n" + one + "\n": 2, one + "\r\n\r\n" + one: 2,
		strings.ReplaceAll(one, ",", ",\n"): 1,
		"":                                  0, "\n": 0, one + "\nx": 0, one + one: 0, strings.Repeat(one+"\n", 17): 0,
	} {
		got, err := dsse.ParseEnvelopes([]byte(text))
		if want == 0 && err == nil || want > 0 && (err != nil || len(got) != want) {
			t.Errorf("ParseEnvelopes(%q) = %d envelopes, %v, want %d", text, len(got), err, want)
		}
	}
	if _, err := dsse.ParseEnvelopes(make([]byte, dsse.MaxFile+1)); err == nil || !strings.Contains(err.Error(), "at most") {
		t.Errorf("a file that is too large: %v", err)
	}
}

// An envelope in the other alphabet is the same envelope.
func TestURLSafeEnvelopeVerifies(t *testing.T) {
	e := signed(t, alice())
	text := compact(t, map[string]any{
		"payloadType": e.PayloadType, "payload": base64.URLEncoding.EncodeToString(e.Payload),
		"signatures": []any{map[string]string{"sig": base64.URLEncoding.EncodeToString(e.Signatures[0].Sig)}},
	})
	parsed, err := dsse.ParseEnvelope(text)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := dsse.Verify(parsed, []dsse.PublicKey{alice().Public}, 1); err != nil || !bytes.Equal(parsed.Payload, e.Payload) {
		t.Error(err)
	}
}
