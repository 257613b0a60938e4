package retrieve

// offTopicQuestions are questions with their answers, on subjects of which a
// documentation seldom covers more than one. A [calibration] measures an index and
// an embedder with them. The weights of the evidence were fitted with this list:
// fit them again when it changes.
var offTopicQuestions = []struct{ question, answer string }{
	{"How long does sourdough bread have to rise before it is baked?",
		"Let the sourdough rise at room temperature for about twelve hours, until it has doubled, then bake the bread in a hot oven."},
	{"Who painted the ceiling of the Sistine Chapel?",
		"Michelangelo painted the frescoes on the ceiling of the Sistine Chapel between 1508 and 1512."},
	{"What is the offside rule in football?",
		"A football player is offside if he is nearer to the goal line than the ball and the second last opponent when the ball is played to him."},
	{"What are the symptoms of measles?",
		"Measles begins with fever, cough and red eyes; after some days a rash spreads from the face over the body."},
	{"Why do volcanoes erupt?",
		"A volcano erupts when magma rises because it is lighter than the rock around it and its gases expand."},
	{"When should roses be pruned?",
		"Prune roses at the end of winter, before new growth starts, and cut back old stems above a bud."},
	{"How do I change a flat tire?",
		"Loosen the wheel nuts, lift the car with a jack, take the flat tire off and put the spare wheel on."},
	{"Which languages are spoken in Switzerland?",
		"Switzerland has four national languages: German, French, Italian and Romansh."},
	{"How many players does a string quartet have?",
		"A string quartet is four musicians: two violins, a viola and a cello."},
	{"What do hedgehogs eat?",
		"Hedgehogs eat insects, worms, snails and now and then berries or eggs."},
	{"How deep is the Mariana Trench?",
		"The deepest point of the Mariana Trench lies about eleven kilometres below the surface of the Pacific Ocean."},
	{"Who was the first woman to win a Nobel Prize?",
		"Marie Curie was the first woman to win a Nobel Prize, that of physics in 1903."},
	{"Do I need a visa to visit Japan as a tourist?",
		"Tourists from many countries may visit Japan for up to ninety days without a visa."},
	{"How do I knit a scarf for a beginner?",
		"For a simple scarf a beginner casts on thirty stitches and knits every row until the yarn is used up."},
	{"What causes the tides of the sea?",
		"The tides are caused by the gravity of the moon and the sun, which pull at the water of the sea."},
	{"Which wine goes well with grilled fish?",
		"A dry white wine such as a Riesling or a Sauvignon Blanc goes well with grilled fish."},
}
