//go:build race

package node_test

import (
	"flag"
	"fmt"
	"os"
	"testing"
)

// protocol are the tests whose rings take seconds of processor time, and under
// the race detector most of a minute. They are tests of the protocol, in which
// the same goroutines meet as in the others; who asks for one with -run gets it.
const protocol = "^Test(" +
	"ABackupOlderThanThePurge|ADeposedFounderKeepsItsKeys|AFormerHolderTakesPart|AJoinerServesWhenItIsFilled" +
	"|ALateWriteIsRefused|AllLeaveAtOnce|AllRestart|Amnesia|ANodeMoves|AnOldCopyThatWasAlone" +
	"|APlacementThatCameAndWent|AWipedFounderFoundsNoSecondRing|AWipedNodeComesBack|BootstrapIsDown" +
	"|BrokenMoves|ColdStartOfTwoHalves|ComeBackAfterLeave|DamageIsMended|DamageOfTheOnlyCopy" +
	"|EachLeavesUnderLoad|Forget|FormerCopies|FormerCopiesOfAnEarlierPlacement|GroupsChangeWhileOneIsDown" +
	"|GrowAndShrink|BeyondItsArcs|HostileMember|JoinDuringPartition|Lookup|MeterHearsEachRole|OneIsDown|OneWayCutHeals" +
	"|PartitionHeals|PartitionOfThreeAndTwo|ReadsOfFewAreWrittenBack|RemovedKeysAreForgotten|RestoreAlone" +
	"|RestoreFromWhenItWasAlone|RestoreUnderLoad|RingsForm|SetsThatBrokeOffBecomeWhole|StandIns" +
	"|SuccessorDiedBeforeTheRestart|SurplusOfARestoredNode|TheLastNodeCanNotLeave|TheTrialOfAFounderEnds" +
	"|TimesToBeWhole|TwoJoinAtOnce|TwoNodesOfOneName|WhoIsDownBlocksThePurge|WhoTakesOverKnowsThePurge|DamageBesideALeaver" +
	")$"

// Under the race detector fewer nodes meet, and less often: joins is how many join
// under load, large how many there are where not everybody holds each key, torments
// the seeds of each size, and cases how many of a table are run.
const (
	joins    = 2
	large    = 4
	torments = 2
	cases    = 1
)

func TestMain(m *testing.M) {
	flag.Parse()
	if skip := flag.Lookup("test.skip"); skip.Value.String() == "" && flag.Lookup("test.run").Value.String() == "" {
		if err := skip.Value.Set(protocol); err != nil {
			panic(err)
		}
		fmt.Println("left out under the race detector:", protocol)
	}
	os.Exit(m.Run())
}
