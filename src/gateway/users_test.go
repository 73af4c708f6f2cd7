package gateway

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/crypto/bcrypt"

	"chord/trust"
)

func hash(t testing.TB, password string) string {
	b, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func someUsers(t testing.TB) *Users {
	u, err := ReadUsers(strings.NewReader("# who may come\n\nanna:write:" + hash(t, "secret") + "\nrita:read:" + hash(t, "look") + "\ndefault:admin:" + hash(t, "open") + "\n"))
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestUsers(t *testing.T) {
	u := someUsers(t)
	for _, c := range []struct {
		name, password string
		want           trust.Role
	}{
		{"anna", "secret", trust.Write}, {"anna", "secret", trust.Write}, {"anna", "look", trust.None}, {"rita", "look", trust.Read},
		{"nobody", "secret", trust.None}, {"anna", "", trust.None}, {"anna", strings.Repeat("x", 100), trust.None}, {"anna", "secret", trust.Write},
		{"default", "open", trust.Admin},
	} {
		if got := u.Check(t.Context(), c.name, []byte(c.password)); got != c.want {
			t.Errorf("%s with %q: %s, want %s", c.name, c.password, got, c.want)
		}
	}
}

func TestReadUsers(t *testing.T) {
	good := hash(t, "x")
	for text, want := range map[string]string{
		"": "there is no user", "anna": "line 1: not of the form", "anna:write": "line 1: not of the form", "\nanna:boss:" + good: "line 2: the role is",
		"anna:node:" + good: "the role is", "anna:none:" + good: "the role is", ":read:" + good: "a name has", "a b:read:" + good: "a name has",
		"anna:read:plain": "the hash is not", "anna:read:$2y$31$" + good[7:]: "cost 31", "a:read:" + good + "\na:read:" + good: "line 2: this user is there",
	} {
		if _, err := ReadUsers(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), good) {
			t.Errorf("%.20q: %v", text, err)
		}
	}
}

// Nothing is served before AUTH, and after it what the role allows.
func TestRoles(t *testing.T) {
	addr, s := start(t, newFake(), Options{Users: someUsers(t)})
	k := dial(t, addr)
	for _, c := range [][2]string{
		{"PING", "-NOAUTH authentication required"}, {"GET a", "-NOAUTH…"}, {"FOO", "-NOAUTH…"}, {"HELLO 3", "-NOAUTH HELLO must…"},
		{"AUTH rita wrong", "-WRONGPASS…"}, {"AUTH rita look", "OK"}, {"GET a", "null"}, {"SET a 1", "-NOPERM set asks for the role write, user \"rita\" has read"},
		{"SADD a 1", "-NOPERM…"}, {"DEL a", "-NOPERM…"}, {"MSET a 1", "-NOPERM…"}, {"SCAN 0", "[0 []]"},
		{"AUTH anna secret", "OK"}, {"SET a 1", "OK"}, {"RESET", "RESET"}, {"GET a", "-NOAUTH…"},
		{"AUTH open", "OK"}, {"GET a", "1"}, {"RESET", "RESET"}, {"HELLO 2 AUTH anna secret SETNAME x", "[server chord…"}, {"CLIENT GETNAME", "x"},
	} {
		k.expect(c[0], c[1])
	}
	// Several in one go: what comes after AUTH has its role.
	k = dial(t, addr)
	k.send("SET b 1", "AUTH anna secret", "SET b 2", "GET b")
	for _, want := range []string{"-NOAUTH…", "OK", "OK", "2"} {
		k.answerIs(want)
	}
	// Who guesses is sent away, and so is who sends much before.
	k = dial(t, addr)
	for range maxFailures {
		k.expect("AUTH anna guess", "-WRONGPASS…")
	}
	if _, err := readAnswer(k.in); err == nil {
		t.Error("may go on guessing")
	}
	for _, text := range []string{"*11\r\n", "*1\r\n$20000\r\n"} {
		k = dial(t, addr)
		k.raw(text)
		k.answerIs("-ERR Protocol error: unauthenticated…")
	}
	if got := s.Stats().Denied; got != 1+maxFailures {
		t.Errorf("%d refusals were counted", got)
	}
}

// When the users change, who is not the same any more has to show anew who he is.
func TestSetUsers(t *testing.T) {
	addr, s := start(t, newFake(), Options{Users: someUsers(t)})
	anna, rita := dial(t, addr), dial(t, addr)
	anna.expect("AUTH anna secret", "OK")
	rita.expect("AUTH rita look", "OK")
	fewer, err := ReadUsers(strings.NewReader("anna:write:" + string(s.users.Load().byName["anna"].hash)))
	if err != nil {
		t.Fatal(err)
	}
	s.SetUsers(fewer)
	anna.expect("SET a 1", "OK")
	rita.expect("GET a", "-NOAUTH…")
	rita.expect("AUTH rita look", "-WRONGPASS…")
	rita.expect("AUTH anna secret", "OK")
}

// Who does not show who he is has no place for long.
func TestGreetTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, _ := servePipes(t, newFake(), Options{Users: someUsers(t)})
		k := p.dial(t)
		began := time.Now()
		k.answerIs("-NOAUTH authentication took too long")
		if took := time.Since(began); took != greetTime {
			t.Errorf("dropped after %v", took)
		}
	})
}
