package share

import (
	"testing"
	"time"
)

func TestRatesAreBounded(t *testing.T) {
	r := NewRates(5)
	for i := range 3 * maxRates {
		r.Allow(time.Duration(i).String())
	}
	if len(r.all) > maxRates {
		t.Errorf("%d clients are remembered", len(r.all))
	}
}
