package metrics

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// trials say for each alert which series, a sample a minute, make it fire after
// three hours, and which, that look much alike, do not. § stands for the labels of a
// scrape.
var trials = map[string]struct{ fires, quiet []string }{
	"ChordTargetDown": {
		fires: []string{`up{§} 1x170 0x60`, `chord_build_info{§} 1x170`},
		quiet: []string{`up{§} 0x240`},
	},
	"ChordMemberDown":     alike(`chord_ring_members{§,state="down"}`, "1x240", "0x240"),
	"ChordNotReady":       alike(`chord_node_ready{§}`, "0x240", "0x178 1x60"),
	"ChordNoLossBearable": {fires: members("0x240", "3x240"), quiet: members("0x240", "2x240")}, // two nodes bear none by nature
	"ChordWritesRefused":  alike(`chord_replication_refused_buckets{§}`, "0x170 9x60", "0x240"),
	"ChordRingDisagrees": {
		fires: []string{`chord_ring_members{§,state="alive"} 3x240`, `chord_ring_members{job="chord",instance="b",state="alive"} 2x240`},
		quiet: []string{`chord_ring_members{§,state="alive"} 3x240`, `chord_ring_members{job="chord",instance="b",state="alive"} 3x240`},
	},
	"ChordNoStabilise": {
		fires: []string{`chord_ring_last_stabilise_timestamp_seconds{§} 60x240`, `chord_ring_joined{§} 1x240`},
		quiet: []string{`chord_ring_last_stabilise_timestamp_seconds{§} 0+60x240`, `chord_ring_joined{§} 1x240`},
	},
	"ChordCopiesMissing": alike(`chord_replication_buckets{§,state="wanted"}`, "7x240", "7x178 0x60"),
	"ChordCopiesBehind":  alike(`chord_replication_owed_buckets{§}`, "7x240", "0x240"),
	"ChordErrors": {
		fires: []string{`chord_operations_total{§,operation="get",outcome="ok"} 0+600x240`, `chord_operations_total{§,operation="get",outcome="unavailable"} 0+60x240`},
		quiet: []string{`chord_operations_total{§,operation="get",outcome="ok"} 0+600x240`, `chord_operations_total{§,operation="get",outcome="invalid"} 0+60x240`},
	},
	"ChordSlow":       {fires: latency("chord_operation_duration_seconds", `,operation="insert"`, 5), quiet: latency("chord_operation_duration_seconds", `,operation="insert"`, 0.1)},
	"ChordOverloaded": alike(`chord_server_refused_requests_total{§,reason="overloaded"}`, "0+60x240", "60x240"),
	"ChordStrangers": {
		fires: []string{`chord_tls_refused_total{§,reason="foreign"} 0+60x240`},
		quiet: []string{`chord_server_refused_requests_total{§,reason="overloaded"} 0+60x240`},
	},
	"ChordNoRoom":     alike(`chord_store_read_only{§}`, "1x240", "0x240"),
	"ChordDiskStalls": alike(`chord_store_stalled_seconds{§}`, "7x240", "0x240"),
	"ChordDiskSlow":   {fires: latency("chord_store_sync_duration_seconds", "", 1), quiet: latency("chord_store_sync_duration_seconds", "", 0.01)},
	"ChordDamage":     alike(`chord_repair_damaged_buckets_total{§}`, "0x170 1x60", "1x240"),
	// The tests' clock begins in 1970.
	"ChordNotScrubbed":       alike(`chord_repair_last_scrub_timestamp_seconds{§}`, "-1900000+60x240", "0x240"),
	"ChordNotSynced":         alike(`chord_store_unsynced{§}`, "1x240", "0x240"),
	"ChordRemovedRemembered": alike(`chord_purge_blocking_members{§}`, "2x2880", "0x2880"),
	"ChordFaults":            alike(`chord_server_faults_total{§}`, "0x170 1x60", "1x240"),
	"ChordCertificateExpiresSoon": alike(
		`chord_tls_certificate_expiry_timestamp_seconds{§,certificate="node"}`, "1000000x240", "2000000x240"),
	"ChordCertificateExpires": alike(
		`chord_tls_certificate_expiry_timestamp_seconds{§,certificate="node"}`, "100000x240", "1000000x240"),
}

type trial = struct{ fires, quiet []string }

func alike(series, fires, quiet string) trial {
	return trial{[]string{series + " " + fires}, []string{series + " " + quiet}}
}

func members(losses, alive string) []string {
	return []string{`chord_replication_bearable_losses{§} ` + losses, `chord_ring_members{§,state="alive"} ` + alive}
}

// latency is a histogram of which all samples lie just below a bound.
func latency(name, labels string, bound float64) (series []string) {
	for _, b := range latencies {
		values := "0x240"
		if b >= bound {
			values = "0+60x240"
		}
		series = append(series, fmt.Sprintf(`%s_bucket{§%s,le="%v"} %s`, name, labels, b, values))
	}
	return append(series, fmt.Sprintf(`%s_bucket{§%s,le="+Inf"} 0+60x240`, name, labels))
}

// Prometheus itself says whether each alert fires when it shall, and not when it
// shall not. All are tried beside each other, each as a job of its own.
func TestAlertsFire(t *testing.T) {
	dir := t.TempDir()
	var rules bytes.Buffer
	if err := Rules(&rules); err != nil {
		t.Fatal(err)
	}
	var series, tests strings.Builder
	for _, a := range alerts {
		c, ok := trials[a.name]
		if !ok {
			t.Errorf("%s is not tried", a.name)
			continue
		}
		try(&series, &tests, a, "fires", c.fires, "        exp_samples: [{labels: '{}', value: 1}]\n")
		try(&series, &tests, a, "quiet", c.quiet, "")
	}
	write(t, filepath.Join(dir, "rules.yml"), rules.String())
	write(t, filepath.Join(dir, "test.yml"), "rule_files: [rules.yml]\nevaluation_interval: 5m\ntests:\n  - interval: 1m\n    input_series:\n"+
		series.String()+"    promql_expr_test:\n"+tests.String())
	promtool(t, nil, "test", "rules", filepath.Join(dir, "test.yml"))
}

func try(series, tests *strings.Builder, a alert, job string, all []string, want string) {
	job += a.name
	for _, s := range all {
		s = strings.ReplaceAll(s, "§", `job="chord",instance="a"`)
		s = strings.ReplaceAll(s, `job="chord"`, fmt.Sprintf("job=%q", job))
		end := strings.LastIndex(s, "} ") + 1
		fmt.Fprintf(series, "      - series: '%s'\n        values: '%s'\n", s[:end], s[end+1:])
	}
	at := "3h"
	if a.wait == "1d" {
		at = "26h"
	}
	expr := fmt.Sprintf(`count(ALERTS{alertname=%q,alertstate="firing",job=%q})`, a.name, job)
	fmt.Fprintf(tests, "      - expr: %s\n        eval_time: %s\n%s", strconv.Quote(expr), at, want)
}
