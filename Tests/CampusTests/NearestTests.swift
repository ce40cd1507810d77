import Testing

@testable import Campus

@Suite struct NearestTests {
  @Test(arguments: [
    ("stduent", "student"), ("Teacher", "teacher"), ("staf", "staff"), ("stafff", "staff"),
    ("teecher", "teacher"),
  ])
  func aSlipOfTheFingersFindsTheWordMeant(slip: String, meant: String) {
    #expect(nearest(slip, among: ["student", "teacher", "staff"]) == meant)
  }

  @Test(arguments: ["guest", "", "x", "administrator"])
  func aDifferentWordFindsNothing(word: String) {
    #expect(
      nearest(word, among: ["student", "teacher", "staff", ""].filter { !$0.isEmpty }) == nil)
  }

  @Test func theNearestWinsAndThenTheFirst() {
    #expect(nearest("room-12", among: ["room-1", "room-2", "room-22", "room-123"]) == "room-1")
    #expect(nearest("port", among: ["sport", "port"]) == "port")
    #expect(nearest("教学楼一", among: ["教学楼二"]) == "教学楼二")
  }
}
