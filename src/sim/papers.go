package sim

// What the papers print. Those of ToN 2003 (Stoica et al., IEEE/ACM Transactions
// on Networking 11(1)) are quoted from memory, as [fromMemory] says wherever
// they are printed.

const fromMemory = "quoted from memory"

// finalContact is the mean path with fingers alone where the owner counts, by
// log2 N: an earlier simulation of ours, independent of this code.
var finalContact = map[int]float64{3: 2.44, 6: 3.82, 8: 4.85, 10: 5.88, 12: 6.88, 14: 7.86}

// tableII is ToN 2003, Table II, by percent of 1,000 nodes that failed.
var tableII = map[int]Printed{
	0:  {Path: 3.84, PathP1: 2, PathP99: 5},
	10: {Path: 4.03, PathP1: 2, PathP99: 6, Timeouts: 0.60, TimeoutsP99: 2},
	20: {Path: 4.22, PathP1: 2, PathP99: 6, Timeouts: 1.17, TimeoutsP99: 3},
	30: {Path: 4.44, PathP1: 2, PathP99: 6, Timeouts: 2.02, TimeoutsP99: 5},
	40: {Path: 4.69, PathP1: 2, PathP99: 7, Timeouts: 3.23, TimeoutsP99: 8},
	50: {Path: 5.09, PathP1: 3, PathP99: 8, Timeouts: 5.10, TimeoutsP99: 11},
}

// tableIII is ToN 2003, Table III, by hundredths of joins and of failures a second.
var tableIII = map[int]Printed{
	5:  {Path: 3.90, Timeouts: 0.05, Failed: 0},
	10: {Path: 3.83, Timeouts: 0.11, Failed: 0},
	15: {Path: 3.84, Timeouts: 0.16, Failed: 2},
	20: {Path: 3.81, Timeouts: 0.23, Failed: 5},
	25: {Path: 3.83, Timeouts: 0.30, Failed: 6},
	30: {Path: 3.91, Timeouts: 0.34, Failed: 8},
	35: {Path: 3.94, Timeouts: 0.42, Failed: 16},
	40: {Path: 4.06, Timeouts: 0.46, Failed: 15},
}

// Printed is a line of a paper's table.
type Printed struct {
	Path        float64 `json:"path"`
	PathP1      float64 `json:"path_p1,omitempty"`
	PathP99     float64 `json:"path_p99,omitempty"`
	Timeouts    float64 `json:"timeouts"`
	TimeoutsP99 float64 `json:"timeouts_p99,omitempty"`
	Failed      float64 `json:"failed_per_10000"`
}

// printed returns a line where the paper has it.
func printed(table map[int]Printed, line int) *Printed {
	if p, ok := table[line]; ok {
		return &p
	}
	return nil
}

// load is what SIGCOMM 2001 prints of the keys of nodes, over their mean; zero
// where it prints none.
type load struct{ p1, p99, max float64 }

// loads is Fig. 9, by virtual nodes; the maximum is Fig. 8's, at 5·10^5 keys.
var loads = map[string]load{
	"virtual 1":  {0, 4.8, 9.1},
	"virtual 20": {0.5, 1.6, 0},
}
